"""Why the inbox or the queue of outgoing messages says no."""

from command_center.errors import Conflict, Invalid, NotFound


class NoticeNotFound(NotFound):
    code = "notice-not-found"
    zh = "没有这条消息，或它不是发给您的。"
    en = "There is no such notice, or it is not yours."


class MessageNotFound(NotFound):
    code = "message-not-found"
    zh = "没有编号为 {id} 的外发消息。"
    en = "There is no outgoing message {id}."


class NotDead(Conflict):
    code = "message-not-dead"
    zh = "该消息未处于「发送失败」状态，无需重发。"
    en = "This message is not among the dead letters: there is nothing to send again."


class WebhookNotFound(NotFound):
    code = "webhook-not-found"
    zh = "没有编号为 {id} 的推送订阅。"
    en = "There is no webhook {id}."


class BadPhone(Invalid):
    code = "bad-phone"
    zh = "电话号码有误：只能含数字和开头的 +，6 至 20 位。"
    en = "This is no phone number: 6 to 20 digits, with a + in front at most."


class BadWebhookAddress(Invalid):
    code = "bad-webhook-address"
    zh = "推送地址必须以 https:// 开头（本机地址可用 http://），且不含用户名和密码。"
    en = "A webhook's address begins with https:// (http:// for this machine only) and holds no user name or password."


class UnknownKind(Invalid):
    code = "unknown-kind"
    zh = "没有「{kind}」这种消息。"
    en = "There is no kind of notice called {kind}."
