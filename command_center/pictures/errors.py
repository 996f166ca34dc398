"""Why there is no picture."""

from command_center.errors import CommandCenterError, Invalid, NotAllowed, NotFound


class PictureBusy(CommandCenterError):
    """Several pictures are being drawn already; more at once would slow down everybody else."""

    code, status = "picture-busy", 503
    zh = "正在绘制的专题图较多，请半分钟后再试。"
    en = "Several maps are being drawn just now. Please try again in half a minute."


class PictureFailed(CommandCenterError):
    """The drawing process ended without a picture; its own words are in the server's log."""

    code, status = "picture-failed", 500
    zh = "专题图未能绘制。请换一个较小的区域或较短的时段再试；仍不行请告知系统管理员。"
    en = "The map could not be drawn. Try a smaller region or a shorter period; if that fails, tell your administrator."


class NothingToDraw(NotFound):
    """There is nothing of the kind in the region and period."""

    code = "nothing-to-draw"
    zh = "没有可绘制的内容：{reason_zh}"
    en = "There is nothing to draw: {reason_en}"


class PictureNotYours(NotAllowed):
    code = "picture-not-yours"
    zh = "您的岗位不能查看这种专题图：它反映的是网格员的工作，由所属指挥中心查看。"
    en = "Your role does not see this map: it tells of grid workers' work, which is for their command center."


class TooManyToDraw(Invalid):
    code = "too-many-to-draw"
    zh = "该时段内超过 {most} 件，一张图放不下。请缩短时段、缩小区域或选定类别。"
    en = "More than {most} in this period are too many for one map. Shorten the period, or choose a region or category."


class CellsTooFine(Invalid):
    code = "cells-too-fine"
    zh = "六边形太小（{cell} m），该区域会超过 {most} 个。请加大六边形。"
    en = "Cells of {cell} m are too small: the region would have more than {most}. Choose larger ones."
