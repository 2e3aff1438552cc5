"""The MATLAB files of the tests, into tests/data_files/matlab.

    pip install numpy==2.4.6 scipy==1.17.1
    python tests/data_files/matlab.py

SciPy writes them, but for highest_byte_first.mat: that one it reads, and says what is in it.
"""

import io
import pathlib
import struct

import numpy as np
from scipy import io as scipy_io
from scipy import sparse

folder = pathlib.Path(__file__).parent / "matlab"

# A row of 2 x 3 numbers for each type, and what is no matrix of them.
table = [[1, 2, 3], [40, 50, 60]]
kinds = "float64 float32 int8 uint8 int16 uint16 int32 uint32 int64 uint64".split()
variables = {kind: np.array(table, dtype=kind) for kind in kinds}
variables |= {
    "fractions": np.array([[0.1], [-1e300], [np.nan], [2.5]]),
    "low": np.array([[-128, 127]], dtype="int8"),
    "yes": np.array([[True], [False]]),
    "a_name_that_does_not_fit_into_a_tag": np.array([[7.0]]),
    "text": "some text",
    "cells": np.array([1, "two"], dtype=object),
    "fields": {"a": 1},
    "thin": sparse.csc_array(np.eye(2)),
    "complex": np.array([[1 + 2j]]),
    "cube": np.zeros((2, 3, 4)),
    "empty": np.zeros((0, 3)),
}


def saved(variables, compressed):
    file = io.BytesIO()
    scipy_io.savemat(file, variables, do_compression=compressed)
    # The header holds the date.
    return b"MATLAB 5.0 MAT-file".ljust(116) + file.getvalue()[116:]


def element(kind, data):
    return struct.pack(">II", kind, len(data)) + data + bytes(-len(data) % 8)


for compressed, name in [(False, "plain"), (True, "compressed")]:
    (folder / f"{name}.mat").write_bytes(saved(variables, compressed))

# Of class double (6), stored as MATLAB stores what fits into int16 (3); the name is in its tag.
matrix = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 2, 3))
matrix += struct.pack(">HH", 2, 1) + b"ab\0\0" + element(3, struct.pack(">6h", 1, 40, 2, 50, 3, -6))
highest_first = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\1\0MI" + element(14, matrix)
read = scipy_io.loadmat(io.BytesIO(highest_first))["ab"]
assert read.tolist() == [[1, 2, 3], [40, 50, -6]], read
(folder / "highest_byte_first.mat").write_bytes(highest_first)
