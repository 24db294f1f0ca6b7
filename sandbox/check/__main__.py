import sys

from sandbox.check.command import main

sys.exit(main())
