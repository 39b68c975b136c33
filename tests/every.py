"""One test over many small cases: it goes on after a failure and reports all of them."""

from traceback import format_exception_only


def every(cases, check, name=str):
    """Call `check` on every case and fail once, with all that failed.

    A parametrised test costs some ten milliseconds a case before the case itself is looked at; for
    thousands of cases that take microseconds this is the same law.

    Parameters
    ----------
    cases
        The cases; a tuple is given as several arguments. There must be at least one.
    check
        Raises (by ``assert``) where a case fails.
    name
        From the case to what names it in the report.
    """
    cases = list(cases)
    assert cases, "no cases: the test could not fail"
    failures = []
    for case in cases:
        try:
            check(*case) if isinstance(case, tuple) else check(case)
        except Exception as error:  # noqa: BLE001  all are reported, below
            failures.append(f"{name(case)}: {''.join(format_exception_only(error)).strip()}")
    assert not failures, f"{len(failures)} of {len(cases)} cases fail\n" + "\n".join(failures)
