# Copyright (c) AULLM-MM contributors.
