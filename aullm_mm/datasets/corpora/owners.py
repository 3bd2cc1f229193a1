# Copyright (c) AULLM-MM contributors.
"""Whom to ask for a corpus; the texts that several corpora share."""

#: Corpora of the Chinese Academy of Sciences; takes the title.
CAS = ('Ask for the real corpus at its owners, the Institute of Psychology of the '
       'Chinese Academy of Sciences ({} licence agreement), and unpack it there')
#: Any other corpus whose owners grant a licence; takes the title.
LICENCE = ('Ask for the real corpus at the owners of {}, who send it to researchers '
           'that sign its licence agreement, and unpack it there, names unchanged')
