"""These are MicroPython's own words for fast code, and what stands for them on CPython.

`@micropython.viper` compiles a function of integers to machine code on MicroPython; on CPython it is an ordinary function. One
that is marked `@whole` has in it, on a board, what it calls (mesogun_build.inlining), but for what is whole itself. Fast functions
of the tick that call none that stays a call take the address of an array as an `int`; those that do take it as an object, to pass
on. Both must agree on this: no product goes past 31 bits, no negative number stands behind a `ptr32` (on a 64-bit machine viper
reads it as a large one), and constants are of the same file (others cost a look-up each, so mesogun_build folds them in).
"""

try:
    import micropython as micropython
except ImportError:

    class micropython:  # type: ignore[no-redef]
        @staticmethod
        def viper(function):  # type: ignore[no-untyped-def]
            return function

        @staticmethod
        def const(value: int) -> int:
            return value

    # The mark is for whoever makes a board's sources of these, and none is left there.
    whole = micropython.viper


try:
    from uctypes import addressof as addressof
except ImportError:

    def addressof(place: "object") -> "object":  # type: ignore[misc]
        """The answer is where the first byte of a buffer lies, which a call carries cheaper than the buffer.

        Where no address exists, a buffer is its own pointer.
        """
        return bus.addressof(place) if bus else place


bus = None  # tests put here what answers at an address


class _Pointer:
    """Inside viper code these names are the compiler's own; elsewhere an array is its own pointer."""

    def __new__(cls, place: "object") -> "_Pointer":
        return getattr(bus, cls.__name__)(place) if isinstance(place, int) else place  # type: ignore[return-value]

    def __getitem__(self, at: int) -> int:
        raise TypeError

    def __setitem__(self, at: int, value: int) -> None:
        raise TypeError


class ptr8(_Pointer):
    pass


class ptr16(_Pointer):
    pass


class ptr32(_Pointer):
    pass


uint = int
