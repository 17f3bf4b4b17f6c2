"""The one door to the compiler."""

from numba import njit

kernel = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
inner = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
