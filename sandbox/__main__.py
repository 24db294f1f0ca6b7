import sys

from sandbox.running import main

sys.exit(main())
