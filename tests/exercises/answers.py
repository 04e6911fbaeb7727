"""What the tests of judges ask of an answer."""

__all__ = ["refused"]


def refused(answer, *words):
    """It is wrong, says why in these words, and can be shown."""
    assert answer.verdict == "wrong", answer
    for word in words:
        assert word in answer.reason, answer
    assert "wrong" in answer._repr_html_().lower()
