"""Two states of letters compared over many cases: what becomes of each letter.

changes   what a change is, and the letters that share it
versions  a letter in one of the two states: made of its case, or as the files of an earlier batch
words     which words of a letter differ, and what wrote them
pages     which pages of a letter differ
letters   the comparison of a letter in two versions
comparer  the comparison of a case's letters
files     the comparison of two folders of letters, whatever made them
examples  an example of each change, shown in full
journal   what was compared before a plan was interrupted
run       the comparison of many cases
"""

from imrgen.batch.plan.changes import (
    Change,
    ComparedCase,
    Detail,
    Group,
    PageDetail,
    Plan,
    WordDetail,
)
from imrgen.batch.plan.comparer import Comparer, PlanSettings
from imrgen.batch.plan.files import FolderPlan, is_folder_of_letters
from imrgen.batch.plan.run import PlanRun
from imrgen.batch.plan.versions import is_batch_folder

__all__ = [
    "Change",
    "ComparedCase",
    "Comparer",
    "Detail",
    "FolderPlan",
    "Group",
    "PageDetail",
    "Plan",
    "PlanRun",
    "PlanSettings",
    "WordDetail",
    "is_batch_folder",
    "is_folder_of_letters",
]
