"""Why an operator's word on the clock is refused."""

from command_center.errors import Conflict


class ClockNotFrozen(Conflict):
    code = "clock-not-frozen"
    zh = "时钟没有被冻结，无需确认。"
    en = "The clock is not frozen: there is nothing to agree to."


class OtherFreeze(Conflict):
    """The clock jumped once more since the operator looked."""

    code = "clock-frozen-anew"
    zh = "您查看之后时钟又有变化。请重新查看后果，再确认。"
    en = "The clock was found wrong once more since you looked: look again at what would happen, then agree."


class ClockStillWrong(Conflict):
    """Agreed now, escalation would freeze again at once."""

    code = "clock-still-wrong"
    zh = "本机时钟与数据库服务器仍相差 {seconds} 秒。请先校准时间（例如启用 NTP），再确认。"
    en = "This machine's clock is still {seconds} s off the database server's: set it right first (NTP), then agree."
