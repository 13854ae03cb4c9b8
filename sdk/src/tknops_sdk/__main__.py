"""`python -m tknops_sdk` is `tknops-sdk`."""

import sys

from tknops_sdk._cli import main

if __name__ == "__main__":
    sys.exit(main())
