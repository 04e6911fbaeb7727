"""Write the page, say whether it is current, or tell of one protocol:
``python -m tools.trust [--help | --check | <protocol>]``.
"""

import sys

from tools.trust import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
