"""The version of imrgen: in a built distribution that of its git tag, in a checkout `0.dev0`."""

__version__ = "0.dev0"
