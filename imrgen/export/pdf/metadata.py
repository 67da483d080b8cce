"""The XMP of a PDF: that it is PDF/UA-1 beside PDF/A-3a, and what the letter was made of.

WeasyPrint writes one identifier (Kozea/WeasyPrint#2467). ISO 19005-3, 6.6.2.3 lets a file hold
properties of another schema if an extension schema describes them; ISO 14289-1, 5 asks for
`pdfuaid:part`.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from imrgen.export import XMP_PROPERTY, provenance_json

_NAMESPACE = "urn:imrgen:provenance:"
_UA = "http://www.aiim.org/pdfua/ns/id/"
_PROPERTIES = (
    (_UA, "pdfuaid", "part", "Integer", "The part of ISO 14289 that the file conforms to"),
    (
        _NAMESPACE,
        "imrgen",
        "provenance",
        "Text",
        "What the letter was made of, and the digest of this file, as JSON",
    ),
)


def descriptions(provenance: Mapping[str, Any]) -> bytes:
    """Return the RDF that says that a PDF is PDF/UA-1 too, and what the letter was made of."""
    values, schemas = _rdf(_PROPERTIES, provenance)
    text = f"""{values}<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag>
{schemas}</rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
    return text.encode()


def provenance_rdf(provenance: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the RDF that says what a letter was made of, and that of its schema.

    They are for metadata that has extension schemas already.
    """
    values, schemas = _rdf(_PROPERTIES[1:], provenance)
    return values.encode(), schemas.encode()


def _rdf(described: tuple[tuple[str, ...], ...], provenance: Mapping[str, Any]) -> tuple[str, str]:
    written = {"part": "1", "provenance": escape(provenance_json(provenance), quote=False)}
    values = "".join(
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{uri}">'
        f"<{prefix}:{name}>{written[name]}</{prefix}:{name}></rdf:Description>\n"
        for uri, prefix, name, _, _ in described
    )
    assert f"<{XMP_PROPERTY}>" in values
    schemas = "".join(
        f"""<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{prefix}</pdfaSchema:schema>
<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>{name}</pdfaProperty:name>
<pdfaProperty:valueType>{kind}</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>{what}</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li>
"""
        for uri, prefix, name, kind, what in described
    )
    return values, schemas
