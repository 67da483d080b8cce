"""The page on which a template author sees the letter: the server, its workers and the page's own files.

browser ──▶ guard ──▶ app ──▶ workspace   what may be opened
                       │ ├──▶ workers ──pipe──▶ rendering   letters are made in other processes, which may be ended
                       │ └──▶ editing     the case file's text
                       └──▶ tabs ◀── watching   who shows what, and when it has changed
"""
