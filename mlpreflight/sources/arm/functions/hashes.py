"""String functions that make a name out of others, bit by bit as Azure does.

guid: a version 5 UUID (RFC 4122) of the arguments joined by hyphens, in the namespace that the page on the string
functions of Bicep gives: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-string
uniqueString: the first two lanes of MurmurHash3 (x86, 128 bit) over the arguments joined by hyphens, in base 32. Its
source is the function unique_string of Azure's own Terraform provider azapi:
https://github.com/Azure/terraform-provider-azapi/blob/main/internal/services/functions/unique_string_function.go
"""

from collections.abc import Callable

from mlpreflight.sources.arm.functions.arguments import BadCall, text
from mlpreflight.values import Value

NAMESPACE = "11fb06fb-712d-4ddd-98c7-e71bbd588830"
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 13

_WORD = 0xFFFFFFFF
_ONE, _OTHER = 0x239B961B, 0xAB0E9789


def guid(*values: Value) -> Value:
    from uuid import UUID, uuid5

    return str(uuid5(UUID(NAMESPACE), _joined(values)))


def unique_string(*values: Value) -> Value:
    number = _hash(_joined(values).encode("utf-8", "surrogatepass"))
    return "".join(ALPHABET[number << 5 * at >> 59 & 31] for at in range(LENGTH))


def _joined(values: tuple[Value, ...]) -> str:
    if not values:
        raise BadCall("at least one text is wanted")
    return "-".join(text(value) for value in values)


def _hash(data: bytes) -> int:
    left = right = 0
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        first, second = data[at : at + 4], data[at + 4 : at + 8]
        left = (_turned(left ^ _mixed(first, _ONE, 15, _OTHER), 19) + right) * 5 + 0x561CCD1B & _WORD
        right = (_turned(right ^ _mixed(second, _OTHER, 17, _ONE), 13) + left) * 5 + 0x0BCAA747 & _WORD
    left ^= _mixed(data[whole : whole + 4], _ONE, 15, _OTHER) ^ len(data)
    right ^= _mixed(data[whole + 4 :], _OTHER, 17, _ONE) ^ len(data)
    left = left + right & _WORD
    right = right + left & _WORD
    left, right = _stirred(left), _stirred(right)
    left = left + right & _WORD
    right = right + left & _WORD
    return right << 32 | left


def _mixed(piece: bytes, before: int, turn: int, after: int) -> int:
    return _turned(int.from_bytes(piece, "little") * before & _WORD, turn) * after & _WORD


def _turned(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) & _WORD


def _stirred(word: int) -> int:
    """MurmurHash3's last step."""
    word = (word ^ word >> 16) * 0x85EBCA6B & _WORD
    word = (word ^ word >> 13) * 0xC2B2AE35 & _WORD
    return word ^ word >> 16


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "guid": guid,
    "uniquestring": unique_string,
}
