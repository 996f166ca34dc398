"""Why circles cannot be told, or what they are made of cannot be changed. None of them has changed anything."""

from command_center.errors import CommandCenterError, Conflict, Invalid


class CirclesComputing(CommandCenterError):
    """The circles of what holds now are being computed; the next question a little later finds them."""

    code, status = "circles-computing", 503
    zh = "服务圈正在计算，请稍候，页面会自动刷新。"
    en = "The service circles are just being computed: wait a moment, the page asks again by itself."


class CirclesFailed(CommandCenterError):
    """The computing process ended without an answer; its own words are in the server's log."""

    code, status = "circles-failed", 500
    zh = "服务圈未能算出。请联系系统管理员；其他功能不受影响。"
    en = "The service circles could not be computed. Tell your administrator; nothing else is affected."


class AssumptionsWrong(Invalid):
    code = "circle-assumptions-wrong"
    zh = "服务圈参数有误：{reason}"
    en = "The assumptions of the service circles are wrong: {reason}"


class AssumptionsStale(Conflict):
    code = "circle-assumptions-stale"
    zh = "服务圈参数刚被他人修改（现为第 {version} 版），请刷新后再改。"
    en = "Somebody changed the assumptions meanwhile (they are at version {version}): reload, then change them."
