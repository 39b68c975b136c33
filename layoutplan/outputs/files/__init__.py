"""Plain files: CSV tables, GeoPackage, ledger."""

from typing import TYPE_CHECKING

from layoutplan.lazy import lazy_package

if TYPE_CHECKING:
    from layoutplan.outputs.files.csv_files import read_csv_file, write_csv_files
    from layoutplan.outputs.files.geopackage import write_geopackage
    from layoutplan.outputs.files.ledger_file import read_ledger

__all__ = ["read_csv_file", "read_ledger", "write_csv_files", "write_geopackage"]

lazy_package(__name__)
