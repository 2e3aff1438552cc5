"""The MATLAB files of the tests, into tests/data_files/matlab.

    pip install numpy==2.4.6 scipy==1.17.1
    python tests/data_files/matlab.py

SciPy writes them, but for highest_byte_first.mat: that one it reads, and says what is in it.
"""

import gzip
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

# In the shapes of chardata.mat, all background but the ends of each part, in which an F stands: its
# upper left corner in row r, column c of the image.
data, testdata = (np.zeros((784, count), dtype="uint8") for count in (24345, 8070))
order = np.random.RandomState(123).permutation(24345)


def letter(row, column):
    image = np.zeros((28, 28), dtype="uint8")
    image[row : row + 5, column] = 1
    image[row, column : column + 3] = 1
    image[row + 2, column : column + 2] = 1
    return image.flatten(order="F")


for place, (row, column) in {0: (1, 2), 22999: (3, 4), 23000: (5, 6), 24344: (7, 8)}.items():
    data[:, order[place]] = letter(row, column)
for place, (row, column) in {0: (9, 10), 8069: (11, 12)}.items():
    testdata[:, place] = letter(row, column)


def write(name, data, testdata):
    variables = {"data": data, "testdata": testdata, "target": np.eye(2)}
    (folder / name).write_bytes(gzip.compress(saved(variables, True), mtime=0))


write("omniglot.mat.gz", data, testdata)
write("omniglot_of_two.mat.gz", data[:, :2], testdata)
testdata[3, 5] = 2
write("omniglot_above_1.mat.gz", data, testdata)
