"""The HTML document set as a PDF that can be issued: accessible (PDF/UA-1), archival (PDF/A-3a), complete.

`press` sets a document with WeasyPrint, `layout` looks at the boxes for what would not be seen,
`tags` and `metadata` make the file conform, and `reading` reads it back with PDFium, so that it is
another program that says what it holds. WeasyPrint is imported in this room alone, and only once a
PDF is asked for.
"""
