"""A prediction that is sealed before the run it is about."""

from hashlib import blake2b

__all__ = ["seal"]


def seal(prediction: str, code: str) -> str:
    """Return the seal of a prediction: whoever has both can tell that they belong
    together, and nobody can tell when it was made.

    Parameters
    ----------
    prediction : str
    code : str
        The student's, so that the same words have another seal for everybody.

    Examples
    --------
    >>> seal("9 messages", "public")
    'a08a9a07b919a69e'

    Raises
    ------
    TypeError
        If the prediction is no text.
    """
    if not isinstance(prediction, str):
        raise TypeError(f"the prediction is {prediction!r}: write it as text")
    text = f"{code}\n{prediction.strip()}"
    return blake2b(text.encode(), digest_size=8).hexdigest()
