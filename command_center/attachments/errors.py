"""Why a photo is refused."""

from command_center.errors import Invalid, TooLarge


class NotAPhoto(Invalid):
    """The bytes are no still picture of a kind we take, or a broken one, whatever the file is called."""

    code = "not-a-photo"
    zh = "这不是可用的照片。请上传 JPEG、PNG、WebP 或 HEIC 格式的静态照片；如文件已损坏，请重新拍摄。"
    en = "This is no usable photo: send a still JPEG, PNG, WebP or HEIC; if the file is broken, take it again."


class PhotoTooLarge(TooLarge):
    """More bytes than a phone's photo has."""

    code = "photo-too-large"
    zh = "照片过大，最多 {limit_mb} MB。请降低拍摄分辨率后重试。"
    en = "The photo is too large: at most {limit_mb} MB. Take it with a lower resolution."


class DecompressionBomb(Invalid):
    """A small file that declares a picture large enough to exhaust the memory."""

    code = "photo-too-many-pixels"
    zh = "照片像素过多，最多 {limit_megapixels} 百万像素。请降低拍摄分辨率后重试。"
    en = "The photo has too many pixels: at most {limit_megapixels} million."
