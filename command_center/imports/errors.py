"""Why an import is refused, or ended without a result. None of them has changed anything."""

from command_center.errors import CommandCenterError, Conflict, Invalid, NotFound, TooLarge


class ImportNotFound(NotFound):
    code = "import-not-found"
    zh = "没有这项导入，或其文件已过保留期。请重新上传文件。"
    en = "There is no such import, or its file was kept long enough: upload the file again."


class ImportFileMissing(Invalid):
    code = "import-file-missing"
    zh = "没有收到文件。请选择要导入的文件。"
    en = "No file came in: choose the file to import."


class ImportTooLarge(TooLarge):
    code = "import-too-large"
    zh = "文件过大，最多 {limit_mb} MB。请去掉不需要的图层或字段，或用命令行导入。"
    en = "The file is too large: at most {limit_mb} MB. Leave out layers or columns, or import by command line."


class ImportsBusy(CommandCenterError):
    code, status = "imports-busy", 503
    zh = "正在进行的导入较多，请几分钟后再试。您的文件未被导入。"
    en = "Several imports are under way already: try again in some minutes. Your file was not imported."


class ImportUnderWay(Conflict):
    code = "import-under-way"
    zh = "这项导入正在运行，请等它结束。"
    en = "This import is just running: wait until it has ended."


class ImportNotReady(Conflict):
    code = "import-not-ready"
    zh = "文件还不能导入：请先处理检查报告中的问题，或选择修复后重新检查。"
    en = "This file cannot be stored yet: put right what the report names, or choose to repair, and check again."


class ImportApplied(Conflict):
    code = "import-applied"
    zh = "这项导入已经生效，不能再更改。"
    en = "This import was carried out already and cannot be changed."


class ImportOutdated(Conflict):
    """Somebody changed the map or the accounts after the dry run, so its report is no longer what would happen."""

    code = "import-outdated"
    zh = "检查之后网格图或人员又有变动，报告已过时。未作任何更改，请重新检查。"
    en = "The map or the accounts changed after this check: its report is out of date. Nothing was done: check again."


class ImportCheckedAgain(Conflict):
    """The report that the caller agrees to is not the job's newest one: somebody ran it with other choices."""

    code = "import-checked-again"
    zh = "这个文件刚被重新检查过，您看到的不是最新报告。未作任何更改，请看过新报告再决定。"
    en = "This file was checked again, and you saw an older report. Nothing was done: look at the new one first."


class ClosingNotAgreed(Invalid):
    """A whole edition of the roster closes accounts, and nobody has said yes to that number."""

    code = "closing-not-agreed"
    zh = "导入后将停用 {closed} 个账号，请先确认。"
    en = "{closed} accounts would be closed: agree to that first."


class ImportInterrupted(CommandCenterError):
    code, status = "import-interrupted", 500
    zh = "导入进程中断（可能是系统重启），未作任何更改。请重新运行。"
    en = "The importing process ended before its time, perhaps by a restart. Nothing was changed: run it again."


class ImportTookTooLong(CommandCenterError):
    code, status = "import-took-too-long", 500
    zh = "文件 {minutes} 分钟内没有处理完，已停止，未作任何更改。请检查文件，或用命令行导入。"
    en = "The file took more than {minutes} minutes and was stopped; nothing was changed. Try the command line."


class ImportFailed(CommandCenterError):
    code, status = "import-failed", 500
    zh = "导入进程出错，未作任何更改。请将导入编号 {id} 告知系统管理员，日志中有原因。"
    en = "The importing process failed; nothing was changed. Tell your administrator its id {id}: the log says why."


class FileUnreadable(Invalid):
    """The reader could not open the file as what it was said to be."""

    code = "file-unreadable"
    zh = "文件无法读取：{text}"
    en = "The file cannot be read: {text_en}"
