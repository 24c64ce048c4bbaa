"""The tree of every catalogued corpus in small, with its real layout, column names and file names."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from tests.data_manifests.corpora.miniature_files import put, put_dicom, put_mask, table

CHEXPERT = (
    "No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,"
    "Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices"
)
HEALTHY, DOUBT, ILL, DEVICE = "1.0" + "," * 13, ",,-1.0" + "," * 11, ",,,1.0" + "," * 10, "," * 13 + "1.0"


def covid_qu_ex(root: Path) -> None:
    base = "Infection Segmentation Data/Infection Segmentation Data"
    for split, cls in (("Train", "Normal"), ("Test", "COVID-19"), ("Val", "Non-COVID")):
        put(root, f"{base}/{split}/{cls}/images/x_1.png")
        put_mask(
            root, f"{base}/{split}/{cls}/lung masks/x_1.png", f"{base}/{split}/{cls}/infection masks/x_1.png"
        )


def covid_qu_ex_lungs(root: Path) -> None:
    base = "Lung Segmentation Data/Lung Segmentation Data/Train/Normal"
    put(root, f"{base}/images/Normal (1).png")
    put_mask(root, f"{base}/lung masks/Normal (1).png")


def zhanglab(root: Path) -> None:
    put(
        root,
        "chest_xray/train/NORMAL/IM-0115-0001.jpeg",
        "chest_xray/test/NORMAL/NORMAL2-IM-0052-0001.jpeg",
        "chest_xray/test/PNEUMONIA/person1_virus_6.jpeg",
        "chest_xray/train/PNEUMONIA/person1000_bacteria_2931.jpeg",
        "chest_xray/train/PNEUMONIA/BACTERIA-1008087-0001.jpeg",
    )


def chexpert(root: Path, name: str = "CheXpert-v1.0") -> None:
    head = f"Path,Sex,Age,Frontal/Lateral,AP/PA,{CHEXPERT}"
    rows = [
        f"{name}/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,{HEALTHY}",
        f"{name}/train/patient00002/study1/view1_frontal.jpg,Male,50,Frontal,PA,{DOUBT}",
        f"{name}/train/patient00002/study2/view1_frontal.jpg,Male,50,Frontal,PA,{ILL}",
        f"{name}/train/patient00002/study2/view2_lateral.jpg,Male,50,Lateral,,{ILL}",
    ]
    table(root, f"{name}/train.csv", head, *rows)
    valid = f"{name}/valid/patient64541/study1/view1_frontal.jpg"
    table(root, f"{name}/valid.csv", head, f"{valid},Male,73,Frontal,AP,{DEVICE}")
    put(root, *(row.split(",")[0] for row in rows), valid)
    test = "chexlocalize/CheXpert"
    table(
        root,
        f"{test}/test_labels.csv",
        f"Path,{CHEXPERT}",
        f"test/patient64741/study1/view1_frontal.jpg,{ILL}",
    )
    put(root, f"{test}/test/patient64741/study1/view1_frontal.jpg")
    segment = {"size": [32, 32], "counts": "1d0"}  # 1 pixel off, 20 on
    found = {"Airspace Opacity": segment, "Cardiomegaly": {"size": [32, 32], "counts": "0PP1"}}
    table(
        root,
        "chexlocalize/gt_segmentations_test.json",
        json.dumps({"patient64741_study1_view1_frontal": found}),
    )


def chexpert_small(root: Path) -> None:
    chexpert(root, "CheXpert-v1.0-small")


def nih(root: Path) -> None:
    head = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    head += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
    rows = [
        "00000001_000.png,Cardiomegaly|Effusion,0,1,57,M,PA,2682,2749,0.143,0.143",
        "00000002_000.png,No Finding,0,2,80,M,AP,2500,2048,0.171,0.171",
    ]
    table(root, "Data_Entry_2017.csv", head, *rows)
    table(
        root,
        "BBox_List_2017.csv",
        "Image Index,Finding Label,Bbox [x,y,w,h],,,",
        "00000001_000.png,Effusion,225.0,547.5,86,79",
    )
    table(root, "train_val_list.txt", "00000002_000.png")
    table(root, "test_list.txt", "00000001_000.png")
    put(root, "images_001/images/00000001_000.png", "images_002/images/00000002_000.png")


def rsna(root: Path) -> None:
    table(
        root,
        "stage_2_detailed_class_info.csv",
        "patientId,class",
        "aa,No Lung Opacity / Not Normal",
        "bb,Normal",
        "cc,Lung Opacity",
        "cc,Lung Opacity",
    )
    table(
        root,
        "stage_2_train_labels.csv",
        "patientId,x,y,width,height,Target",
        "aa,,,,,0",
        "bb,,,,,0",
        "cc,264.0,152.0,213.0,379.0,1",
        "cc,562.0,152.0,256.0,453.0,1",
    )
    put_dicom(root, *(f"stage_2_train_images/{name}.dcm" for name in ("aa", "bb", "cc")))


def siim(root: Path) -> None:
    table(root, "train-rle.csv", "ImageId, EncodedPixels", "1.2.3, -1", "1.2.4, 1 2 5 3", "1.2.4, 100 4")
    put_dicom(root, "dicom-images-train/1.2.9/1.2.8/1.2.3.dcm", "dicom-images-train/1.2.7/1.2.6/1.2.4.dcm")


def mimic(root: Path) -> None:
    table(
        root,
        "mimic-cxr-2.0.0-metadata.csv",
        "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,Columns",
        "aa,10000032,50414267,CHEST (PA AND LAT),PA,3056,2544",
        "ab,10000032,50414267,CHEST (PA AND LAT),LATERAL,3056,2544",
        "bb,10000764,57375967,CHEST,AP,2544,3056",
        "cc,11000011,51029426,CHEST,AP,2544,3056",
    )
    table(
        root,
        "mimic-cxr-2.0.0-split.csv",
        "dicom_id,study_id,subject_id,split",
        "aa,50414267,10000032,train",
        "ab,50414267,10000032,train",
        "bb,57375967,10000764,validate",
        "cc,51029426,11000011,test",
    )
    table(
        root,
        "mimic-cxr-2.0.0-chexpert.csv",
        f"subject_id,study_id,{CHEXPERT}",
        f"10000032,50414267,{HEALTHY}",
        f"10000764,57375967,{ILL}",
    )
    put(
        root,
        "files/p10/p10000032/s50414267/aa.jpg",
        "files/p10/p10000032/s50414267/ab.jpg",
        "files/p10/p10000764/s57375967/bb.jpg",
        "files/p11/p11000011/s51029426/cc.jpg",
    )


def vindr_kaggle(root: Path) -> None:
    table(
        root,
        "train.csv",
        "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max",
        *(f"aa,No finding,14,R{i},,,," for i in (11, 7, 10)),
        "bb,Cardiomegaly,3,R10,691.0,1375.0,1653.0,1831.0",
        "cc,No finding,14,R1,,,,",
        "cc,ILD,5,R2,10,20,30,60",
    )
    put_dicom(root, *(f"train/{name}.dicom" for name in ("aa", "bb", "cc")))


def vindr(root: Path) -> None:
    head = "image_id,{}class_name,x_min,y_min,x_max,y_max"
    table(root, "annotations/annotations_train.csv", head.format("rad_id,"), "aa,R1,No finding,,,,")
    table(root, "annotations/annotations_test.csv", head.format(""), "bb,Lung Opacity,1,2,11,22")
    put_dicom(root, "train/aa.dicom", "test/bb.dicom")


def padchest(root: Path) -> None:
    head = ",ImageID,ImageDir,PatientID,PatientSex_DICOM,Projection,Pediatric,MethodLabel,Labels"
    rows = [
        "0,1_a.png,0,839860488,F,PA,No,Physician,['normal']",
        "1,2_b.png,0,313572750,M,L,No,Physician,['normal']",
        "2,3_c.png,14,313572750,M,AP_horizontal,No,RNN_model,\"['kyphosis', 'pseudonodule']\"",
        "3,4_d.png,14,313572751,M,AP,No,RNN_model,\"['normal', 'unchanged']\"",
    ]
    table(root, "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv", head, *rows)
    deep = np.tile(np.linspace(0, 65535, 32).astype(np.uint16), (32, 1))
    for folder, name in ((0, "1_a"), (0, "2_b"), (14, "3_c"), (14, "4_d")):
        (root / str(folder)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(deep).save(root / str(folder) / f"{name}.png")


def montgomery(root: Path) -> None:
    for stem in ("MCUCXR_0001_0", "MCUCXR_0104_1"):
        put(root, f"MontgomerySet/CXR_png/{stem}.png")
        put_mask(root, *(f"MontgomerySet/ManualMask/{side}Mask/{stem}.png" for side in ("left", "right")))


def shenzhen(root: Path) -> None:
    put(root, "ChinaSet_AllFiles/CXR_png/CHNCXR_0001_0.png", "ChinaSet_AllFiles/CXR_png/CHNCXR_0327_1.png")
    put_mask(root, "mask/CHNCXR_0001_0_mask.png")


def jsrt(root: Path) -> None:
    words = np.linspace(0, 4095, 2048).astype(">u2")
    (root / "All247images").mkdir(parents=True)
    for stem in ("JPCNN001", "JPCLN002"):
        np.tile(words, (2048, 1)).tofile(root / "All247images" / f"{stem}.IMG")
        put_mask(root, *(f"scratch/fold1/masks/{side} lung/{stem}.gif" for side in ("left", "right")))


def covid19_radiography(root: Path) -> None:
    for cls, stem in (
        ("Normal", "Normal-1"),
        ("Viral Pneumonia", "Viral Pneumonia-7"),
        ("Lung_Opacity", "L-2"),
    ):
        put(root, f"COVID-19_Radiography_Dataset/{cls}/images/{stem}.png")
        put_mask(root, f"COVID-19_Radiography_Dataset/{cls}/masks/{stem}.png")


def qata_v2(root: Path) -> None:
    base = "QaTa-COV19/QaTa-COV19-v2/Test Set"
    put(root, f"{base}/Images/covid_1.png")
    put_mask(root, f"{base}/Ground-truths/mask_covid_1.png")


def qata_v1(root: Path) -> None:
    put(root, "QaTa-COV19/QaTa-COV19-v1/Images/covid_1.png")
    put_mask(root, "QaTa-COV19/QaTa-COV19-v1/Ground-truths/mask_covid_1.png")


def brax(root: Path) -> None:
    head = f"DicomPath,PngPath,PatientID,PatientSex,AccessionNumber,StudyDate,{CHEXPERT},ViewPosition,Rows,Columns,"
    head += "Manufacturer,PatientAge"
    paths = [f"images/id_0a/Study_1/Series_{i}/image-{i}.png" for i in range(3)]
    views = ("PA", "L", "AP")
    rows = [
        f"x.dcm,{path},id_0a,F,9,2010,{found},{view},9,9,M,60-65"
        for path, view, found in zip(paths, views, (HEALTHY, HEALTHY, ILL), strict=True)
    ]
    table(root, "master_spreadsheet_update.csv", head, *rows)
    put(root, *paths)
