"""Reads whole numbers below ten thousand in Sino-Korean: 3072, 삼천칠십이."""

_DIGITS = "영일이삼사오육칠팔구"
_PLACES = ("", "십", "백", "천")


def read_number(number: int) -> str:
    """A one is not spoken before 십, 백 and 천; a zero is spoken only alone."""
    if not 0 <= number < 10_000:
        raise ValueError(f"{number} is not between 0 and 9999")
    if number == 0:
        return _DIGITS[0]
    spoken = ""
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit:
            spoken += ("" if digit == 1 and place else _DIGITS[digit]) + _PLACES[place]
    return spoken
