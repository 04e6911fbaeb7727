"""Write the page, or say whether it is current: ``python -m tools.trust [--check]``."""

import sys

from tools.trust import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
