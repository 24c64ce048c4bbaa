"""The subcommands of artasyn-synth, one module each; heavy imports wait until a command runs."""
