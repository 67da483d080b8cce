"""The engine that sets the HTML document with Typst, by the pack's own style sheet.

engine      the engine: compiler, what stops a letter
fonts       the pack's fonts as Typst finds them
sheets      a style sheet read into rules
  properties  the properties that can be set, and their values
  values, custom   lengths and colours; custom properties
styles      the computed style of each element
setting     the document as a Typst program
  program     what Typst is given
  inline, lists, tables, flex, images   its parts
  moved       what stands on every page, or in a margin
  marks       what links go to, and where strings are set
  bookmarks   the outline
  borders     which of a table's borders are shown
  boxes       where a block stands, and what is seen of it
  items       what stays together with what
  pages, page_values, margins, strings   pages and what stands in their margins
  head, signature_blocks   title and date; fields for signatures
  text, source     letters, and code in which words are strings
faces       how high lines are, and how wide words
letters     letters that are too small or too pale
bounds      where pages have room for words
finish      what a PDF of Typst's lacks
style_warnings   what of a style sheet cannot be set, for whoever checks a pack
"""
