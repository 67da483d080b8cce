"""Where each word of a letter comes from: template, including files, fields of the case.

origins     the origins of a letter's words
tracer      Jinja that remembers where each character was printed
values      values of a case that know which field they are
segments    stretches of a text, each printed by one output of a template
"""

from imrgen.compose.tracing.origins import Origin, Origins, trace

__all__ = ["Origin", "Origins", "trace"]
