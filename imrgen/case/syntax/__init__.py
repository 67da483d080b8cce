"""What is wrong with a text that its parser refuses: all of it, and what can still be read.

recovery      the step itself
slips         a fault of syntax; the line to show for it
reader        values past their faults, in both languages
toml_reader   TOML
json_reader   JSON
values        what was meant by a value that is none
foreign       files of other programs

Nothing here is imported before a parser has refused a text.
"""

from imrgen.case.syntax.foreign import is_json, is_toml, recognize
from imrgen.case.syntax.recovery import Recovered, recover

__all__ = ["Recovered", "is_json", "is_toml", "recognize", "recover"]
