"""stands: Takes two thirds of 7 for 4: rounds down."""


def electing(total):
    return 2 * total // 3
