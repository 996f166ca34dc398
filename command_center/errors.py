"""Every reason for which the command center says no.

    CommandCenterError
    ├── NotSignedIn            who are you?                        401
    │   ├── WrongPassword
    │   ├── TokenExpired
    │   └── TokenInvalid
    ├── NotFound               not there, or not for your eyes     404
    │   ├── TicketNotFound
    │   ├── UnknownRegion
    │   ├── AttachmentNotFound
    │   └── NothingHere
    ├── NotAllowed             your role or region does not do it  403
    │   ├── RoleNotAllowed
    │   ├── RegionNotYours
    │   └── CsrfFailed
    ├── Conflict               not from where things stand         409
    │   ├── WrongNode
    │   ├── WrongTier
    │   ├── NoAuthority
    │   ├── TicketSuspended and one class for each other thing that must be given
    │   └── KeyReused
    ├── VersionMissing         428
    ├── VersionStale           412
    ├── TooLarge               413
    ├── TooMany                429
    ├── HttpRefused            what Flask refuses by itself        4xx
    │   └── MethodNotAllowed, UnsupportedMedia
    ├── Malformed              the body cannot be read             400
    │   ├── MalformedJson, JsonTooDeep, NotANumber, KeyMissing
    └── Invalid                read, but wrong                     422
        └── one class for each thing that can be wrong

An error states a reason; which HTTP status it becomes is one number beside it and is used by
`command_center.web` alone. `code` is the last part of the problem's `type` and never changes; `zh` and `en`
say what happened and what to do now, with the keyword arguments of the error filled in.
"""

from typing import Any, ClassVar


class CommandCenterError(Exception):
    """Something asked for cannot be done; nothing was changed."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "系统出错，未作任何更改。请稍后再试。"
    en: ClassVar[str] = "Something went wrong; nothing was changed. Please try again later."

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        if "distance_m" in facts:
            facts["distance"] = how_far(facts["distance_m"])
        self.field = field
        self.facts = facts
        super().__init__(self.en.format_map(_Facts(facts)))

    @property
    def text_zh(self) -> str:
        return self.zh.format_map(_Facts(self.facts))

    @property
    def text_en(self) -> str:
        return self.en.format_map(_Facts(self.facts))


def how_far(metres: float) -> str:
    """Spell a distance as people say it."""
    return f"{metres:.0f} m" if metres < 2000 else f"{metres / 1000:.0f} km"


class _Facts(dict[str, Any]):
    """A fact that the raiser did not give stays a question mark, so that telling an error never fails.

    A reason that is not given in each language, as `reason_zh` and `reason_en`, is told as `reason` has it.
    """

    def __missing__(self, key: str) -> Any:
        return self.get("reason", "?") if key in ("reason_zh", "reason_en") else "?"


class NotSignedIn(CommandCenterError):
    code, status = "not-signed-in", 401
    zh = "请先登录。"
    en = "Please sign in first."


class WrongPassword(NotSignedIn):
    code = "wrong-password"
    zh = "用户名或密码不对。请检查后重试；忘记密码请找管理员。"
    en = "User name or password is wrong. Check both; if you forgot it, ask your administrator."


class TokenExpired(NotSignedIn):
    code = "token-expired"
    zh = "登录已过期，请重新登录。未发送的内容仍保存在您的手机上。"
    en = "Your sign-in has expired; please sign in again. What was not sent is still on your phone."


class TokenInvalid(NotSignedIn):
    code = "token-invalid"
    zh = "登录凭证无效，请重新登录。"
    en = "This token is not valid; please sign in again."


class NotFound(CommandCenterError):
    code, status = "not-found", 404
    zh = "没有找到。"
    en = "Not found."


class TicketNotFound(NotFound):
    code = "ticket-not-found"
    zh = "没有编号为 {number} 的工单，或您无权查看。"
    en = "There is no ticket {number}, or it is not visible to you."


class UnknownRegion(NotFound):
    code = "unknown-region"
    zh = "没有代码为 {region} 的区域。"
    en = "There is no region with code {region}."


class AttachmentNotFound(NotFound):
    code = "attachment-not-found"
    zh = "没有这张照片，或您无权查看。"
    en = "There is no such photo, or it is not visible to you."


class EditionNotFound(NotFound):
    code = "edition-not-found"
    zh = "没有第 {version} 版地图，或该版已撤回。"
    en = "There is no edition {version} of the map, or it was withdrawn."


class NothingHere(NotFound):
    code = "nothing-here"
    zh = "这个地址下没有内容。"
    en = "There is nothing at this address."


class UnknownCollection(NotFound):
    code = "unknown-collection"
    zh = "没有名为 {collection} 的图层。"
    en = "There is no collection {collection}."


class FeatureNotFound(NotFound):
    code = "feature-not-found"
    zh = "图层 {collection} 中没有要素 {feature}，或您无权查看。"
    en = "Collection {collection} has no feature {feature}, or it is not visible to you."


class OutsideCountyQuery(NotFound):
    """The question "where is this?" has no answer; for a report it is `OutsideCounty`."""

    code = "outside-county"
    zh = "该位置在本县之外约 {distance}。"
    en = "This place is about {distance} outside the county."


class NotAllowed(CommandCenterError):
    code, status = "not-allowed", 403
    zh = "您无权进行此操作。"
    en = "You may not do this."


class RoleNotAllowed(NotAllowed):
    code = "role-not-allowed"
    zh = "您的岗位（{role}）不能对该工单进行「{action}」。"
    en = "Your role ({role}) may not {action} this ticket."


class RegionNotYours(NotAllowed):
    code = "region-not-yours"
    zh = "区域 {region} 不在您的管辖范围内。"
    en = "Region {region} is not within yours."


class CsrfFailed(NotAllowed):
    code = "csrf-failed"
    zh = "页面已过期，请刷新后重试。未作任何更改。"
    en = "This page is out of date: reload it and try again. Nothing was changed."


class Conflict(CommandCenterError):
    code, status = "conflict", 409


class WrongNode(Conflict):
    code = "wrong-node"
    zh = "工单目前处于「{node}」环节，不能进行「{action}」。请刷新后查看。"
    en = "The ticket is at {node}: {action} is not possible from there. Reload to see where it stands."


class WrongTier(Conflict):
    code = "wrong-tier"
    zh = "工单目前在「{tier}」一级，不能进行「{action}」。"
    en = "The ticket is at the {tier} tier: {action} is not possible there."


class NoAuthority(Conflict):
    code = "no-authority"
    zh = "按权限清单，该事项须由「{settling_tier}」一级处置，请上报。"
    en = "By the authority list only the {settling_tier} tier may settle this matter: escalate it."


class TicketSuspended(Conflict):
    code = "ticket-suspended"
    zh = "工单已挂账，时钟停走。请先恢复，再进行「{action}」。"
    en = "The ticket is suspended and its clocks stand still: resume it before you {action} it."


class NotSuspended(Conflict):
    code = "not-suspended"
    zh = "工单没有挂账，无需恢复。"
    en = "The ticket is not suspended, so there is nothing to resume."


class SuspensionUsedUp(Conflict):
    code = "suspension-used-up"
    zh = "每件工单只能挂账一次，本件已挂账过。如仍无法按期办结，可申请延期。"
    en = "A ticket may be suspended once, and this one was. If more time is needed, ask for an extension."


class DeadlinePassed(Conflict):
    code = "deadline-passed"
    zh = "办理期限已过，不能再申请延期或挂账。请尽快办结；结案后可对超时提出申诉。"
    en = "The deadline has passed, and this had to be asked for before it. After closing you may appeal."


class RequestPending(Conflict):
    code = "request-pending"
    zh = "已有一项申请在审批中，请等待结果。"
    en = "A request is already being decided on: wait for the answer."


class ExtensionsUsedUp(Conflict):
    code = "extensions-used-up"
    zh = "延期最多两次，本件已用完。"
    en = "A ticket may be extended twice at most, and this one was."


class NothingAsked(Conflict):
    code = "nothing-asked"
    zh = "目前没有等待您审批的申请。请刷新后查看。"
    en = "There is no request that awaits this decision. Reload to see where it stands."


class OwnRequest(Conflict):
    code = "own-request"
    zh = "申请人和已审批过的人不能再审批，须由另一人决定。"
    en = "Who asked, or has decided already, may not decide: it takes another person."


class NotDisputed(Conflict):
    code = "not-disputed"
    zh = "工单不在争议清单上，由现办理层级的人员分派。"
    en = "The ticket is not on the list of disputed competence: the officers of its tier dispatch it."


class AnswerNotOwed(Conflict):
    code = "answer-not-owed"
    zh = "贵部门在本件没有待回复的协办任务。"
    en = "Your department owes no answer on this ticket."


class AnswersMissing(Conflict):
    code = "answers-missing"
    zh = "还有协办部门未回复：{departments}。请等待，或勾选「不再等待」并说明理由。"
    en = "Still without answer: {departments}. Wait for them, or overrule them and say why."


class AlreadyAssisting(Conflict):
    code = "already-assisting"
    zh = "{department} 已有一项未回复的协办任务，或就是主办部门。"
    en = "{department} already owes an answer on this ticket, or has it in hand itself."


class SameHands(Conflict):
    code = "same-hands"
    zh = "工单已经在其手上，无需改派。请选择另一承办部门或人员。"
    en = "It already has the ticket: choose another department or person to transfer it to."


class AppealUsedUp(Conflict):
    code = "appeal-used-up"
    zh = "每件工单只能申诉一次，本件已申诉过。"
    en = "A ticket may be appealed once, and this one was."


class NotLate(Conflict):
    code = "not-late"
    zh = "本件没有逾期，无需申诉。"
    en = "The ticket was not late, so there is nothing to appeal against."


class RatingClosed(Conflict):
    code = "rating-closed"
    zh = "评价期为结案后 {days} 天，现已结束。如有问题请拨打热线。"
    en = "Ratings are taken for {days} days after closing. If something is wrong, please call the hotline."


class AlreadyRated(Conflict):
    code = "already-rated"
    zh = "您已经评价过这件工单，谢谢。"
    en = "This ticket has been rated already. Thank you."


class FollowUpNotOpen(Conflict):
    code = "follow-up-not-open"
    zh = "本件没有待整改的不满意评价。"
    en = "There is no complaint about this ticket that awaits an answer."


class NotOpenToMerge(Conflict):
    code = "not-open-to-merge"
    zh = "工单 {into} 已结束，不能并入。请选择仍在办理的工单。"
    en = "Ticket {into} has ended, so nothing can be merged into it: choose one that is open."


class MergedIntoIt(Conflict):
    code = "merged-into-it"
    zh = "已有工单并入本件。请反过来把另一件并入本件。"
    en = "Other tickets are merged into this one: merge the other way round."


class TicketBusy(Conflict):
    code = "ticket-busy"
    zh = "工单 {number} 正被他人操作，请稍后再试。未作任何更改。"
    en = "Somebody is just working on ticket {number}: try again in a moment. Nothing was changed."


class EditionScheduled(Conflict):
    code = "edition-scheduled"
    zh = "第 {version} 版地图已排定于 {at} 生效；请先等它生效或将其撤回，再导入新的一版。"
    en = "Edition {version} of the map waits for {at}: let it take effect or withdraw it before storing another."


class EditionNotScheduled(Conflict):
    code = "edition-not-scheduled"
    zh = "第 {version} 版地图已生效或已撤回，不能再撤回。要改回原来的界线，请把原来的文件作为新的一版导入。"
    en = (
        "Edition {version} of the map took effect or was withdrawn: it cannot be taken back."
        " To return to earlier outlines, import them as a new edition."
    )


class MapChanged(Conflict):
    code = "map-changed"
    zh = "检查之后地图已更新为第 {version} 版。请对照新的一版重新检查您的文件。"
    en = "The map has become edition {version} since your file was checked. Check it again against that."


class MapUnchanged(Conflict):
    code = "map-unchanged"
    zh = "与第 {version} 版地图完全相同，没有需要保存的更改。"
    en = "This is the same as edition {version} of the map: there is nothing to store."


class MapBusy(Conflict):
    code = "map-busy"
    zh = "有人正在保存一版地图，请稍候片刻，刷新后再试。"
    en = "Somebody is storing an edition of the map right now: wait a moment, look again, then try again."


class KeyReused(Conflict):
    code = "idempotency-key-reused"
    zh = "这个 Idempotency-Key 已用于另一份内容不同的上报。"
    en = "This Idempotency-Key was already used with a different body."


class VersionMissing(CommandCenterError):
    code, status = "version-missing", 428
    zh = "请求缺少 If-Match（工单版本）。请先读取工单。"
    en = "The If-Match header (the ticket's version) is missing: read the ticket first."


class VersionStale(CommandCenterError):
    code, status = "version-stale", 412
    zh = "工单刚被他人更新，请查看最新情况后再操作。您填写的内容没有丢失，也没有提交。"
    en = "The ticket was changed meanwhile: look at it again, then act. Nothing was submitted."


class TooLarge(CommandCenterError):
    code, status = "too-large", 413
    zh = "内容过大，最多 {limit} 字节。"
    en = "This is too large: at most {limit} bytes."


class TooMany(CommandCenterError):
    code, status = "too-many-requests", 429
    zh = "尝试次数过多，请过几分钟再试。"
    en = "Too many attempts: please wait a few minutes."


class HttpRefused(CommandCenterError):
    """What Flask and Werkzeug refuse by themselves, with their status and their own word for it."""

    code, status = "http-refused", 400
    zh = "请求无法处理（{reason}）。"
    en = "The request cannot be dealt with: {reason}."

    def __init__(self, *, status: int | None = None, **facts: Any) -> None:
        super().__init__(**facts)
        self.status = status or type(self).status  # type: ignore[misc]


class MethodNotAllowed(HttpRefused):
    code, status = "http-405", 405
    zh = "该地址不支持此方法。"
    en = "This address does not take this method."


class UnsupportedMedia(HttpRefused):
    code, status = "http-415", 415
    zh = "不支持的内容类型。"
    en = "This content type is not supported."


class Malformed(CommandCenterError):
    code, status = "malformed", 400
    zh = "请求无法读取。"
    en = "The request cannot be read."


class MalformedJson(Malformed):
    code = "malformed-json"
    zh = "请求内容不是有效的 JSON 对象。"
    en = "The body is not a valid JSON object."


class JsonTooDeep(Malformed):
    code = "json-too-deep"
    zh = "JSON 嵌套过深。"
    en = "The JSON is nested too deeply."


class NotANumber(Malformed):
    code = "not-a-number"
    zh = "JSON 中不允许 NaN 或无穷大。"
    en = "NaN and infinity are not JSON."


class BadParameter(Malformed):
    code = "bad-parameter"
    zh = "参数 {parameter} 有误：{reason_zh}"
    en = "Parameter {parameter} is wrong: {reason_en}"


class KeyMissing(Malformed):
    code = "idempotency-key-missing"
    zh = "上报需要 Idempotency-Key（由手机生成的 UUID）。"
    en = "A report needs an Idempotency-Key: a UUID made by the phone."


class KeyInvalid(Malformed):
    code = "idempotency-key-invalid"
    zh = "Idempotency-Key 必须是 UUID。"
    en = "The Idempotency-Key must be a UUID."


class Invalid(CommandCenterError):
    code, status = "invalid", 422
    zh = "内容有误：{reason_zh}"
    en = "The content is wrong: {reason_en}"


def one_of(name: str, allowed: tuple[str, ...]) -> Invalid:
    """Tell that a field must name one of a few things."""
    known = ", ".join(allowed)
    return Invalid(field=name, reason_zh=f"{name} 应为以下之一：{known}", reason_en=f"{name} must be one of {known}")


class BadEdition(Invalid):
    code = "bad-edition"
    zh = "这不是一份完整的地图：{faults}"
    en = "This is not a whole map: {faults}"


class UnknownCategory(Invalid):
    code = "unknown-category"
    zh = "没有代码为 {category} 的事项小类或立案条件。"
    en = "There is no minor class or case condition with code {category}."


class UnknownDepartment(Invalid):
    code = "unknown-department"
    zh = "没有代码为 {department} 的部门。"
    en = "There is no department with code {department}."


class UnknownPerson(Invalid):
    code = "unknown-person"
    zh = "{to} 不是您可以派遣的本级人员。"
    en = "{to} is not one of your own people to dispatch to."


class UnknownDatum(Invalid):
    code = "unknown-datum"
    zh = "坐标系 {datum} 不存在，可用：wgs84、gcj02、bd09、cgcs2000。"
    en = "There is no datum {datum}; use wgs84, gcj02, bd09 or cgcs2000."


class CoordinatesNotFinite(Invalid):
    code = "coordinates-not-finite"
    zh = "经纬度不是有限的数值。"
    en = "The coordinates are not finite numbers."


class CoordinatesOutOfRange(Invalid):
    code = "coordinates-out-of-range"
    zh = "经度须在 -180 至 180 之间，纬度须在 -90 至 90 之间。"
    en = "Longitude must be within -180 to 180 and latitude within -90 to 90 degrees."


class CoordinatesSwapped(Invalid):
    code = "coordinates-swapped"
    zh = "经度和纬度似乎颠倒了：lon 应为经度（约 122），lat 应为纬度（约 40）。"
    en = "Longitude and latitude seem to be swapped: lon is about 122 here and lat about 40."


class OutsideCounty(Invalid):
    code = "outside-county"
    zh = "该位置在本县之外约 {distance}，无法受理。请检查定位；确属本县的，请在地图上选点。"
    en = "This place is about {distance} outside the county. Check your position, or pick the place on the map."


class NotACandidate(Invalid):
    code = "not-a-candidate"
    zh = "网格 {grid} 不在该定位的误差范围内。请从可能的网格中选择，或在地图上重新选点。"
    en = "Grid {grid} is none that this place may lie in. Choose one of the possible grids, or pick the place anew."


class CapturedInFuture(Invalid):
    code = "captured-in-future"
    zh = "拍摄时间在未来，请校准手机时间。"
    en = "captured_at lies in the future: check the phone's clock."


class DescriptionTooLong(Invalid):
    code = "description-too-long"
    zh = "描述最多 {limit} 字，现有 {length} 字。"
    en = "The description may have {limit} characters at most; this has {length}."


class UnknownAttachment(Invalid):
    code = "unknown-attachment"
    zh = "照片 {attachment} 不存在、不是您上传的，或已用于别的工单。请重新上传。"
    en = "Photo {attachment} does not exist, is not yours, or belongs to another ticket: upload it again."


class NoteMissing(Invalid):
    code = "note-missing"
    zh = "请填写说明。"
    en = "A note is needed: say why."


class DepartmentMissing(Invalid):
    code = "department-missing"
    zh = "请选择承办部门或本级人员。"
    en = "Choose a department or one of your own people."


class SameGrid(Invalid):
    code = "same-grid"
    zh = "工单已在该网格。"
    en = "The ticket is in this grid already."


class UnknownInto(Invalid):
    code = "unknown-into"
    zh = "没有编号为 {into} 的工单可以并入，或您无权查看。"
    en = "There is no ticket {into} to merge into, or it is not visible to you."


class UntilMissing(Invalid):
    code = "until-missing"
    zh = "请填写恢复日期。"
    en = "Say until when it is suspended."


class UntilOutOfRange(Invalid):
    code = "until-out-of-range"
    zh = "日期须在现在之后、{days} 天之内。"
    en = "The date must lie after now and within {days} days."


class ScoreMissing(Invalid):
    code = "score-missing"
    zh = "请打分：1 至 5 分。"
    en = "A score from 1 to 5 is needed."


class TooFarAway(Invalid):
    code = "too-far-away"
    zh = "您距工单位置 {distance}，超过 {limit} 米。请到现场核查；确实无法到场的，请填写原因，原因将被公开显示。"
    en = "You are {distance} from the place, more than {limit} m. Go there, or give a reason, which will be shown."


class TooManyPhotos(Invalid):
    code = "too-many-photos"
    zh = "最多 {limit} 张照片。"
    en = "At most {limit} photos."


class BadCursor(Invalid):
    code = "bad-cursor"
    zh = "翻页标记无效，请从第一页重新开始。"
    en = "This cursor is not valid: start again from the first page."


class NotReady(CommandCenterError):
    code, status = "not-ready", 503
    zh = "系统尚未就绪：{what}"
    en = "The system is not ready: {what}"


class MapFiguresBusy(CommandCenterError):
    """Others have figures told by an edition of the map, or an index of one built; it goes one at a time."""

    code, status = "map-figures-busy", 503
    zh = "正在按某一版地图统计，请几秒钟后再试。"
    en = "Figures are being told by an edition of the map just now. Please try again in a few seconds."


class LayerFileBusy(CommandCenterError):
    """Several files are being written already; more at once would slow down everybody else."""

    code, status = "layer-file-busy", 503
    zh = "正在生成的下载文件较多，请一分钟后再试。"
    en = "Several files are being made just now. Please try again in a minute."


class LayerFileFailed(CommandCenterError):
    """The process that writes the file ended without it; its own words are in the server's log."""

    code, status = "layer-file-failed", 500
    zh = "文件未能生成。请告知系统管理员；地图本身没有任何变化。"
    en = "The file could not be made. Tell your administrator; the map itself is unchanged."


class ChainBroken(CommandCenterError):
    """The event log was tampered with, or lost its tail."""

    code = "chain-broken"
    zh = "工单 {number} 的第 {n} 条事件校验不符：{reason}"
    en = "Event {n} of ticket {number} fails its check: {reason}"
