"""The report of a plan: one HTML file with an example of each change, for the browser.

page        the file
report.css  how it looks
report.js   its filter and its keys; without it, all is shown
"""

from imrgen.cli.plan_report.page import report_page

__all__ = ["report_page"]
