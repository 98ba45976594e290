"""The order of training data: which data sets each phase of a recipe draws from. No torch."""

from itertools import permutations
from typing import Literal, get_args

from bgmatte.config import ROLES, Role
from bgmatte.jsonable import digest, require

Order = Literal["published", "random", "mixed", "reverse", "videomatte", "photomatte", "distinctions"]
ORDERS: tuple[Order, ...] = get_args(Order)


def visits(order: Order, seed: int) -> tuple[tuple[Role, ...], ...]:
    """The data sets of the base phase and of the three joint phases, as the row's `order` has it.

    The base phase draws from what the first joint phase draws from, as published. "random" is a permutation drawn from
    the run's `seed`, neither the published one nor its reverse; "mixed" draws every batch from all three; the name of a
    data set stays with it. Raises `ConfigError` for another order.

    >>> visits("reverse", seed=0)
    (('distinctions',), ('distinctions',), ('photomatte',), ('videomatte',))
    """
    require(order in ORDERS, "order", order, ", ".join(ORDERS))
    joint = _joint(order, seed)
    return (joint[0], *joint)


def _joint(order: Order, seed: int) -> tuple[tuple[Role, ...], ...]:
    if order == "published":
        return tuple((role,) for role in ROLES)
    if order == "reverse":
        return tuple((role,) for role in reversed(ROLES))
    if order == "mixed":
        return (ROLES,) * len(ROLES)
    if order == "random":
        others = [each for each in permutations(ROLES) if each not in (ROLES, ROLES[::-1])]
        return tuple((role,) for role in others[int(digest({"order": seed}), 16) % len(others)])
    return ((order,),) * len(ROLES)
