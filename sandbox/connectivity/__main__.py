import sys

from sandbox.connectivity.command import main

sys.exit(main())
