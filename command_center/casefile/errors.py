"""Why there is no case file."""

from command_center.errors import CommandCenterError


class CaseFileBusy(CommandCenterError):
    """Several case files are being drawn already; more at once would slow down everybody else."""

    code, status = "case-file-busy", 503
    zh = "正在生成的档案较多，请半分钟后再试。"
    en = "Several case files are being made just now. Please try again in half a minute."


class CaseFileFailed(CommandCenterError):
    """The drawing process ended without a document; its own words are in the server's log."""

    code, status = "case-file-failed", 500
    zh = "档案未能生成。请将工单编号告知系统管理员；工单本身没有任何变化。"
    en = "The case file could not be made. Tell your administrator the number; the ticket itself is unchanged."
