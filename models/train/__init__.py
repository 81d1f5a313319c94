"""Training of the networks under models/: run the modules with `python3 -m train.<task>` from models/."""
