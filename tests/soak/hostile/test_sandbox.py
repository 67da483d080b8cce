"""No template reaches Python or a file outside its pack."""

from __future__ import annotations

import re
from pathlib import Path

import imrgen
from tests.soak.hostile.counting import STARTER, Count, pack

DUNDERS = ("__class__", "__init__", "__globals__", "__mro__", "__subclasses__", "__builtins__")
VALUES = ("employee", "employee.name", "case.decision_date", "issues", "issues[0]", "letter", "''")
MORE = """
{{ self._TemplateReference__context }}
{{ self.__init__.__globals__ }}
{{ self.main.__func__ }}
{{ self.main.func_globals }}
{{ super.__init__ }}
{{ cycler.__init__.__globals__.os }}
{{ joiner.__init__.__globals__.os }}
{{ namespace.__init__.__globals__.os }}
{{ lipsum.__globals__.os.popen('id').read() }}
{{ url_for.__globals__ }}
{{ request.application.__globals__ }}
{{ config.items() }}
{{ get_flashed_messages.__globals__ }}
{{ range.__init__.__objclass__ }}
{{ dict.__base__.__subclasses__() }}
{{ dict.mro() }}
{{ ''['__cl' ~ 'ass__'] }}
{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}
{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}
{{ ''|attr('__cl'~'ass__')|attr('__mro__') }}
{{ ''|attr(['__class__']|join) }}
{{ ''|attr('__class__'|lower) }}
{{ ''|attr('%c%cclass%c%c'|format(95,95,95,95)) }}
{{ ['']|map(attribute='__class__')|list }}
{{ ['']|map('attr', '__class__')|list }}
{{ ['']|groupby('__class__') }}
{{ ['']|sort(attribute='__class__.__mro__') }}
{{ ['']|sum(attribute='__class__', start='') }}
{{ ['']|selectattr('__class__')|list }}
{{ ['']|unique(attribute='__class__')|list }}
{{ ['']|max(attribute='__class__') }}
{{ '{0.__class__}'.format('') }}
{{ '{0.__class__.__mro__[1]}'.format('') }}
{{ '{a.__init__.__globals__}'.format(a=employee) }}
{{ '{0[__class__]}'.format(employee) }}
{{ '{0.__class__}'.format_map({}) }}
{{ ('{0.__class__}'|e).format('') }}
{{ ('{0.__class__}'|safe).format('') }}
{{ ''.format.__self__ }}
{{ '%s'|format(''.__class__) }}
{{ ''.__format__.__self__.__class__ }}
{{ ''.join.__self__.__class__ }}
{{ employee.name.upper.__self__ }}
{{ (issues|map('upper')).gi_frame.f_globals }}
{{ (issues|map('upper')).gi_code }}
{{ (issues|select).__next__.__self__ }}
{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}
{% macro m() %}{% endmacro %}{{ m.__call__.__func__ }}
{% macro m() %}{% endmacro %}{{ m._environment }}
{% macro m() %}{{ caller._func }}{% endmacro %}{% call m() %}{% endcall %}
{% for i in issues %}{{ loop._iterable }}{{ loop.__init__ }}{% endfor %}
{% for i in issues %}{{ loop.cycle.__globals__ }}{% endfor %}
{% set ns = namespace() %}{{ ns.__class__ }}
{% set ns = namespace(__class__=1) %}{{ ns._Namespace__attrs }}
{% import 'letter.html' as x %}{{ x.__init__.__globals__ }}
{% import 'letter.html' as x %}{{ x._body_stream }}
{{ nope._undefined_obj }}
{{ nope.__class__ }}
{{ (nope|default('')).__class__ }}
{{ issues.append(1) }}{{ issues }}
{{ issues.__class__ }}
{{ decisions.update({'x': 1}) }}
{{ decisions.__setitem__('x', 1) }}
{{ notices.pop('x') }}
{{ employee.__dict__ }}
{{ employee.__struct_fields__ }}
{{ employee.__setattr__('name', 'x') }}
{{ case.source }}
{{ case.source.content }}
{{ case.__dict__.source.text }}
{{ employee|pprint }}
{{ employee|tojson }}
{{ [1]|random }}
{{ case.decision_date.today() }}
{{ case.decision_date.__reduce__() }}
{{ case.decision_date.fromtimestamp(0) }}
{% include '/etc/passwd' %}
{% include '../../../../etc/passwd' %}
{% include 'json:/etc/passwd' %}
{% include 'json:tool.py' %}
{% extends '/etc/passwd' %}
{% import '/proc/self/environ' as x %}
{% from '..\\..\\etc\\passwd' import x %}
{% include ['/etc/passwd', '/proc/self/environ'] %}
{% include 'file:///etc/passwd' %}
{% include '/etc/passwd' ignore missing %}
{% include 'blocks/../../../../../etc/passwd' ignore missing %}
{{ letter.file.__class__ }}
{{ packet.__class__ }}
{{ language.__class__ }}
{{ organization.__class__ }}
{% do issues.append(1) %}
{% debug %}
{{ debug() }}
{{ exec('1') }}
{{ eval('1') }}
{{ open('/etc/passwd').read() }}
{{ __import__('os') }}
{{ import_string('os') }}
"""
TRICKS = [
    *(f"{{{{ {value}.{name} }}}}" for value in VALUES for name in DUNDERS),
    *(f"{{{{ {value}['{name}'] }}}}" for value in VALUES for name in DUNDERS[:3]),
    *(f"{{{{ {value}|attr('{name}') }}}}" for value in VALUES for name in DUNDERS[:3]),
    *MORE.strip().replace("\\\\", "\\").split("\n"),
]
PYTHON = re.compile(
    r"<(?:class|function|built-in|module|bound|generator|frame|code)|object at 0x|root:x:0"
    r"|&lt;(?:class|function|built-in|module|bound|generator|frame|code)|datetime\.date|uid="
)


def test_no_template_escapes(tmp_path: Path) -> None:
    plain = imrgen.render(STARTER, check=False).text
    with Count("sandbox escapes", 147) as count:
        for trick in TRICKS:
            try:
                letter = pack(tmp_path, f"<p>[{trick}]</p>").render(STARTER)
            except imrgen.ImrgenError:
                count.add(trick, True)
                continue
            shown = letter.text.split("[", 1)[-1].split("]")[0]
            # A name without a value is nothing; a harmless one may be printed.
            count.add(trick, not PYTHON.search(letter.html) and shown not in plain.split())
