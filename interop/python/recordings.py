"""Write the files of testdata/formats by other programs' encoders: pyarrow, fastparquet, cramjam, python-snappy, and Python's own.

python3 recordings.py FOLDER [ROWS] writes the same rows in every format, and rows.ndjson, which pyarrow has read back out of its own file. The first rows are
fixed; what is beyond them comes of a seed.
"""

import bz2
import csv
import datetime
import decimal
import gzip
import io
import json
import lzma
import os
import random
import struct
import sys
import zipfile

import cramjam
import fastparquet
import pandas
import pyarrow
import pyarrow.parquet
import snappy

UTC = datetime.timezone.utc


def orders(count):
    """Orders as dictionaries, with what Parquet has types for."""
    seeded = random.Random(27)
    start = datetime.datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
    made = []
    for i in range(count):
        at = start + datetime.timedelta(seconds=i, microseconds=(i % 4) * 250_000)
        made.append({
            "kind": "refund" if i % 5 == 4 else "order",
            "key": f"customer-{seeded.randrange(50)}",
            "event_time": at,
            "value": decimal.Decimal(seeded.randrange(-99999, 9999999)).scaleb(-2),
            "items": [{"sku": f"s{n}", "count": n} for n in range(i % 4)],
            "labels": None if i % 7 == 6 else [("source", "web"), ("é\"\\", "line\nend")][: i % 3],
            "note": None if i % 3 == 0 else f"naïve “{i}”",
            "flag": i % 2 == 0,
            "ratio": i / 8,
            "big": 2**53 + i,
            "day": at.date(),
            "raw": bytes([i % 256, 255, 0]),
        })
    return made


SCHEMA = pyarrow.schema([
    ("kind", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
    ("key", pyarrow.string()),
    ("event_time", pyarrow.timestamp("us", tz="UTC")),
    ("value", pyarrow.decimal128(12, 2)),
    ("items", pyarrow.list_(pyarrow.struct([("sku", pyarrow.string()), ("count", pyarrow.int32())]))),
    ("labels", pyarrow.map_(pyarrow.string(), pyarrow.string())),
    ("note", pyarrow.string()),
    ("flag", pyarrow.bool_()),
    ("ratio", pyarrow.float64()),
    ("big", pyarrow.uint64()),
    ("day", pyarrow.date32()),
    ("raw", pyarrow.binary()),
])


def plain(value):
    """A value as weir has to write it."""
    import base64
    if isinstance(value, datetime.datetime):
        text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return text.removesuffix(".000000") + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {k: plain(v) for k, v in value}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


class Encoder(json.JSONEncoder):
    """JSON in which a decimal is a number with all of its digits."""

    def default(self, o):
        if isinstance(o, decimal.Decimal):
            return Digits(o)
        return super().default(o)


class Digits(float):
    """A number that prints as it was written."""

    def __new__(cls, number):
        made = super().__new__(cls, number)
        made.text = str(number)
        return made

    def __repr__(self):
        return self.text


def lines(rows):
    """Rows as NDJSON."""
    out = []
    for row in rows:
        row = {k: (Digits(v) if isinstance(v, decimal.Decimal) else plain(v)) for k, v in row.items()}
        # An empty map and an empty list are told apart by the schema alone.
        if row["labels"] == []:
            row["labels"] = {}
        out.append(dumps(row))
    return "\n".join(out) + "\n"


def dumps(value):
    """Compact JSON that prints a Digits by its text."""
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + dumps(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dumps(v) for v in value) + "]"
    if isinstance(value, Digits):
        return value.text
    return json.dumps(value, ensure_ascii=False)


def simple(row):
    """The part of an order that every format can say."""
    return {"kind": row["kind"], "key": row["key"], "event_time": plain(row["event_time"]), "value": Digits(row["value"])}


def hadoop(text):
    """Snappy as Hadoop's codec frames it: the length of a block, then pieces behind their lengths."""
    out = b""
    for at in range(0, len(text), 1 << 18):
        block = text[at:at + (1 << 18)]
        piece = bytes(cramjam.snappy.compress_raw(block))
        out += struct.pack(">II", len(block), len(piece)) + piece
    return out


def main():
    folder = sys.argv[1]
    rows = orders(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    os.makedirs(folder, exist_ok=True)

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)

    few = [simple(row) for row in rows]
    text = ("\n".join(dumps(row) for row in few) + "\n").encode()
    write("orders.ndjson", text)
    write("orders.concatenated.json", "".join(dumps(row) for row in few).encode())
    write("orders.array.json", ("[\n  " + ",\n  ".join(dumps(row) for row in few) + "\n]\n").encode())
    table = io.StringIO()
    writer = csv.DictWriter(table, ["kind", "key", "event_time", "value"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, "value": row["value"].text} for row in few)
    write("orders.csv", table.getvalue().encode())
    write("orders.ndjson.gz", gzip.compress(text[:300], mtime=0) + gzip.compress(text[300:], mtime=0))
    write("orders.ndjson.bz2", bz2.compress(text[:300]) + bz2.compress(text[300:]))
    write("orders.ndjson.zst", bytes(cramjam.zstd.compress(text)))
    write("orders.ndjson.lz4", bytes(cramjam.lz4.compress(text)))
    write("orders.ndjson.raw.snappy", snappy.compress(text))
    write("orders.ndjson.framed.snappy", bytes(cramjam.snappy.compress(text)))
    write("orders.ndjson.hadoop.snappy", hadoop(text))
    write("orders.ndjson.xz", lzma.compress(text))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(zipfile.ZipInfo("orders.ndjson", (2024, 3, 1, 12, 0, 0)), text)
    write("orders.ndjson.zip", archive.getvalue())

    full = pyarrow.Table.from_pylist(rows, SCHEMA)
    path = os.path.join(folder, "orders.parquet")
    pyarrow.parquet.write_table(full, path, compression="snappy", row_group_size=max(len(rows) // 3, 1), use_dictionary=["kind", "key"])
    for name, options in {
        "v2-zstd": {"compression": "zstd", "data_page_version": "2.0", "version": "2.6"},
        "plain": {"compression": "none", "use_dictionary": False, "version": "1.0"},
        "int96": {"compression": "gzip", "use_deprecated_int96_timestamps": True},
        "brotli": {"compression": "brotli", "data_page_size": 512, "use_compliant_nested_type": False},
        "checksums": {"compression": "zstd", "write_page_checksum": True, "write_page_index": True, "store_schema": False},
        "delta": {"compression": "lz4", "use_dictionary": False, "column_encoding": {
            "event_time": "DELTA_BINARY_PACKED", "key": "DELTA_BYTE_ARRAY", "note": "DELTA_LENGTH_BYTE_ARRAY", "ratio": "BYTE_STREAM_SPLIT"}},
    }.items():
        pyarrow.parquet.write_table(full, os.path.join(folder, f"orders.{name}.parquet"), **options)
    write("rows.ndjson", lines(pyarrow.parquet.read_table(path).to_pylist()).encode())
    frame = pandas.DataFrame({
        "kind": [row["kind"] for row in rows], "key": [row["key"] for row in rows],
        "event_time": pandas.to_datetime([row["event_time"] for row in rows]), "value": [float(row["value"]) for row in rows],
    })
    fastparquet.write(os.path.join(folder, "orders.fastparquet.parquet"), frame, compression="GZIP")
    back = fastparquet.ParquetFile(os.path.join(folder, "orders.fastparquet.parquet")).to_pandas()
    write("fastparquet.ndjson", "".join(
        dumps({"kind": k, "key": key, "event_time": plain(at.to_pydatetime()), "value": v}) + "\n"
        for k, key, at, v in zip(back["kind"], back["key"], back["event_time"], back["value"])).encode())
    pyarrow.parquet.write_table(pyarrow.table({
        "key": [row["key"] for row in rows],
        "event_time": pyarrow.array([row["event_time"].replace(tzinfo=None) for row in rows], pyarrow.timestamp("ms")),
        "value": [float(row["value"]) for row in rows],
    }), os.path.join(folder, "naive.parquet"))


main()
