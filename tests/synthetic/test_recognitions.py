"""What schools of the demo city are recognised as: values on both sides, and none where it means nothing."""

GRADES = ("model", "first", "second", "third", "ungraded")


def test_what_schools_are_recognised_as(demo):
    schools = demo["schools"][demo["schools"]["closed_year"].isna()]
    public = schools["ownership"] == "public"
    assert schools.loc[public, "registration_class"].isna().all()
    private = schools.loc[~public, "registration_class"]
    assert {*private.dropna()} == {"non_profit", "for_profit"}
    assert private.isna().any()
    infants = schools[schools["school_type"] == "kindergarten"]
    now, before = (
        infants[name].map(GRADES.index) for name in ("kindergarten_grade", "kindergarten_grade_before")
    )
    assert (now <= before).all()
    assert 0 < (now < before).sum() < len(infants) / 2
    assert (schools["standardised"] | ~schools["standardised_before"].astype(bool)).all()
    assert (schools["standardised"].astype(bool) & ~schools["standardised_before"].astype(bool)).any()
    assert set(schools.loc[schools["demonstration"].notna(), "school_type"]) == {"senior"}
    assert schools["preschool_classes"].sum() > 0
    assert schools.loc[schools["school_type"] == "senior", "preschool_classes"].isna().all()


def test_groups_and_projects_have_what_the_rules_ask_after(demo):
    groups, projects = demo["groups"], demo["projects"]
    assert {*groups["grade"].dropna()} == {"city", "province"}
    assert groups.loc[~groups["quality"], "grade"].isna().all()
    assert 0 < projects["accelerated"].sum() < len(projects)
    assert {*projects["setting"].dropna()} == {"town", "village"}
    assert projects["unsafe_cleared_m2"].sum() > 0
