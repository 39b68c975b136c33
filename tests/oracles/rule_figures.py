"""Numerator and denominator of rules from the raw files of the bundled city, in plain pandas.

Nothing of the package is used: each figure is written from the words of the rule, once more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

YEAR = 2025
WORDS = {"primary": "小学", "junior": "初中", "senior": "高中", "kindergarten": "幼儿园"}
TEACHES = {
    "primary": ("小学", "九年一贯制学校"),
    "junior": ("初级中学", "九年一贯制学校"),
    "senior": ("高级中学",),
    "kindergarten": ("幼儿园",),
}
COMPULSORY = ("小学", "初级中学", "九年一贯制学校")


def raw(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the files as they are."""
    sheets = pd.read_excel(folder / "school_records.xlsx", sheet_name=None)
    programme = pd.read_excel(folder / "programme.xlsx", sheet_name=None)
    return {
        "schools": pd.read_csv(folder / "schools.csv", encoding="gbk").set_index("学校编号"),
        "groups": pd.read_csv(folder / "groups.csv", encoding="utf-8-sig"),
        "history": pd.read_csv(folder / "enrolment_history.csv", encoding="gbk"),
        "classes": sheets["班级"],
        "resources": sheets["办学条件"],
        "projects": programme["建设项目"],
        "sites": programme["预留用地"],
        "housing": pd.read_csv(folder / "housing.csv", encoding="utf-8-sig"),
    }


def yes(cells: pd.Series) -> pd.Series:
    """Return the cells that say yes; an empty one says nothing and counts as no."""
    return cells.map(lambda cell: str(cell) in ("True", "是", "1", "1.0")).astype(bool)


def figures(tables: dict[str, pd.DataFrame]) -> dict[tuple[str, str], tuple[float, float]]:
    """Return numerator and denominator by rule and stage; a count has no denominator (nan)."""
    schools = tables["schools"]
    there = schools[~(schools["停办年份"] <= YEAR) & ~(schools["开办年份"] > YEAR)]
    return {
        **of_kindergartens(there),
        **of_schools(there),
        **of_migrants(there),
        **of_admission(there),
        **of_classes(tables["classes"], there),
        **of_resources(tables["resources"], there),
        **of_groups(tables["groups"], there),
        **of_projects(tables["projects"], schools),
        **of_land(tables["sites"]),
        **of_history(tables["history"]),
    }


def of_kindergartens(there):
    own = there[there["学校类型"] == "幼儿园"]
    pupils, owner, grade = own["幼儿园在校生数"], own["办学性质"], own["幼儿园等级"]
    inclusive = owner.isin(["公办", "普惠性民办"])
    public = owner == "公办"
    best, good = grade.isin(["示范园", "一级"]), grade.isin(["示范园", "一级", "二级"])
    count = float(len(own))
    stage = "kindergarten"
    return {
        ("kindergarten.inclusive_pupils", stage): (pupils[inclusive].sum(), pupils.sum()),
        ("kindergarten.inclusive_count", stage): (inclusive.sum(), count),
        ("kindergarten.public_pupils", stage): (pupils[public].sum(), pupils.sum()),
        ("kindergarten.quality_pupils", stage): (pupils[good].sum(), pupils.sum()),
        ("kindergarten.first_grade_pupils", stage): (pupils[best].sum(), pupils.sum()),
        ("kindergarten.nursery_classes", stage): ((own["托班数"][public] > 0).sum(), public.sum()),
        ("kindergarten.unlicensed", stage): ((~yes(own["持证办学"])).sum(), np.nan),
    }


def of_schools(there):
    own = there[there["学校类型"].isin(COMPULSORY)]
    pupils = own["小学在校生数"].fillna(0) + own["初中在校生数"].fillna(0)
    cap = own["学校类型"].map({"小学": 2000, "初级中学": 2000, "九年一贯制学校": 2500})
    stated = own[own["标准化达标"].notna()]
    needing = there[there["随班就读人数"] >= 5]
    floor = there[there["建筑面积"] > 0]
    village = there[there["城乡类型"] == "乡村"]
    partner = there["城乡类型"].reindex(village["结对学校"]).isin(["城区", "镇区"])
    # beds of schools of one stage only, as in the bundled city
    beds = {stage: there[there["学校类型"].isin(kinds)]["寄宿床位"].sum() for stage, kinds in TEACHES.items()}
    small = there[there["学校类型"].isin(TEACHES["primary"])]
    title = there["新优质称号"]
    return {
        ("size.pupils_in_oversized", ""): (pupils[pupils > cap].sum(), pupils.sum()),
        ("size.small_schools", "primary"): ((small["小学在校生数"] < 100).sum(), len(small)),
        ("layout.standardised", ""): (yes(stated["标准化达标"]).sum(), len(stated)),
        ("special.resource_rooms", ""): (yes(needing["资源教室"]).sum(), len(needing)),
        ("special.school_of_the_city", ""): ((there["学校类型"] == "特殊教育学校").sum(), np.nan),
        ("rural.unsafe_floor", ""): (floor["危房面积"].sum(), floor["建筑面积"].sum()),
        ("rural.urban_partners", ""): (partner.sum(), len(village)),
        ("rural.boarding_beds", "junior"): (beds["junior"], np.nan),
        ("groups.communities", ""): (there["学校发展共同体"].nunique(), np.nan),
        ("groups.new_quality_schools", ""): (title.notna().sum(), np.nan),
        ("groups.leading_schools", ""): ((title == "高质量引领校").sum(), np.nan),
        ("groups.partner_schools", ""): (own["结对学校"].notna().sum(), len(own)),
    }


def of_migrants(there):
    found = {}
    for stage in ("primary", "junior"):
        word = WORDS[stage]
        own = there[there[f"{word}随迁子女数"].notna()]
        pupils = own[f"{word}随迁子女数"]
        bought = np.minimum(own[f"{word}购买学位数"].fillna(0), pupils)
        placed = pupils.where(own["办学性质"] == "公办", bought)
        taught = there[there["学校类型"].isin(TEACHES[stage])]
        found["migrants.public_share", stage] = (placed.sum(), pupils.sum())
        found["migrants.designated_schools", stage] = (yes(taught["随迁子女定点学校"]).sum(), np.nan)
    return found


def of_admission(there):
    found = {}
    public = there[there["办学性质"] == "公办"]
    for stage in ("primary", "junior"):
        word = WORDS[stage]
        own = public[public[f"{word}招生数"].notna() & public[f"{word}片内招生数"].notna()]
        found["admission.entry_share", stage] = (own[f"{word}片内招生数"].sum(), own[f"{word}招生数"].sum())
    own = there[there["高中招生数"].notna() & there["高中片内招生数"].notna()]
    found["admission.senior_local_share", "senior"] = (own["高中片内招生数"].sum(), own["高中招生数"].sum())
    for stage, word in WORDS.items():
        pupils = there[f"{word}在校生数"]
        private = pupils[there["办学性质"] != "公办"].sum()
        found["admission.private_share", stage] = (private, pupils.sum())
    good = yes(there["优质学校"])
    found["groups.quality_senior_intake", "senior"] = (
        there["高中招生数"][good].sum(),
        there["高中招生数"].sum(),
    )
    return found


def of_classes(classes, there):
    found = {}
    now = classes[(classes["学年"].fillna(YEAR) == YEAR) & classes["学校编号"].isin(there.index)]
    for stage, cap in (("primary", 45), ("junior", 50)):
        sizes = now.loc[now["学段"] == WORDS[stage], "学生数"]
        count = len(sizes)
        found["classes.oversized", stage] = ((sizes >= 56).sum(), count)
        found["classes.severely_oversized", stage] = ((sizes >= 66).sum(), count)
        found["classes.oversized_share", stage] = ((sizes >= 56).sum(), count)
        found["classes.severely_oversized_share", stage] = ((sizes >= 66).sum(), count)
        found["classes.over_cap", stage] = ((sizes > cap).sum(), count)
        found["classes.mean", stage] = (sizes.sum(), count)
        found["classes.largest", stage] = (sizes.max(), np.nan)
    return found


def of_resources(resources, there):
    """Coefficients of variation, weighted by pupils: standard deviation over mean."""
    columns = {
        "higher_degree_teachers": ("高于规定学历教师数", 100),
        "backbone_teachers": ("骨干教师数", 100),
        "pe_arts_teachers": ("体艺专任教师数", 100),
        "teaching_area": ("教学及辅助用房面积", 1),
        "sports_area": ("体育运动场馆面积", 1),
        "equipment": ("教学仪器设备值", 1),
        "multimedia_rooms": ("网络多媒体教室数", 100),
        "computers": ("计算机台数", 100),
        "books": ("图书册数", 1),
        "teachers": ("专任教师数", 100),
        "mid_title_teachers": ("中级及以上职称教师数", 100),
    }
    found = {}
    for stage in ("primary", "junior"):
        own = resources[(resources["学段"] == WORDS[stage]) & (resources["学年"] == YEAR)]
        own = own[own["学校编号"].isin(there.index) & (own["在校生数"] >= 50)]
        weight = own["在校生数"] / own["在校生数"].sum()
        for name, (column, per) in columns.items():
            each = own[column] / own["在校生数"] * per
            mean = (weight * each).sum()
            found[f"equity.cv_{name}", stage] = (np.sqrt((weight * (each - mean) ** 2).sum()), mean)
        area, staff = {"primary": (7.5, 0.9), "junior": (10.2, 0.9)}[stage]
        both = (own["体育运动场馆面积"] / own["在校生数"] >= area - 1e-9) & (
            own["体艺专任教师数"] / own["在校生数"] * 100 >= staff - 1e-9
        )
        found["equity.sports_arts", stage] = (both.sum(), len(own))
    return found


def of_groups(groups, there):
    live = groups[~(groups["dissolved_year"] <= YEAR) & ~(groups["approved_year"] > YEAR)]
    members = {one for ids in live["school_ids"] for one in ids.split(";")}
    good = {one for ids in live.loc[yes(live["quality"]), "school_ids"] for one in ids.split(";")}
    own = there[there["学校类型"].isin(COMPULSORY)]
    pupils = own["小学在校生数"].fillna(0) + own["初中在校生数"].fillna(0)
    inside, quality = own.index.isin(members), own.index.isin(good)
    weak = own[~yes(own["优质学校"])]
    excellent = {*good, *there.index[yes(there["优质学校"])]}
    supported = weak["结对学校"].notna() | weak.index.isin(excellent)
    return {
        ("groups.coverage_schools", ""): (inside.sum(), len(own)),
        ("groups.coverage_pupils", ""): (pupils[inside].sum(), pupils.sum()),
        ("groups.quality_pupils", ""): (pupils[quality].sum(), pupils.sum()),
        ("groups.partners", ""): (supported.sum(), len(weak)),
    }


def of_projects(projects, schools):
    live = projects[projects["项目状态"] != "取消"]
    kind, state = live["项目类型"], live["项目状态"]
    taught = live["学校类型"].fillna(live["学校编号"].map(schools["学校类型"]))
    begun = (live["开工年份"] <= YEAR) | (
        live["开工年份"].isna() & state.isin(["新开", "续建", "移交", "投用"])
    )
    busy = begun & ~(live["启用学年"] < YEAR)
    built = kind.isin(["新建", "扩建", "迁建", "分设"]) & ~taught.isin(["幼儿园", "特殊教育学校"])
    infants = (taught == "幼儿园") & busy
    invested = live["投资"][built & busy & (live["投资"] > 0)]
    public = live["办学性质"].fillna("公办") == "公办"
    return {
        ("projects.schools", ""): ((built & busy).sum(), len(live)),
        ("projects.cost", ""): (invested.sum(), len(invested)),
        ("projects.cost_per_project", ""): (invested.sum(), len(invested)),
        ("projects.starts", ""): ((built & (live["开工年份"] == YEAR)).sum(), len(live)),
        ("projects.continued", ""): ((state == "续建").sum(), len(live)),
        ("projects.started", ""): ((state == "新开").sum(), len(live)),
        ("projects.planned_moves", ""): (((kind == "迁建") & (state == "谋划")).sum(), len(live)),
        ("projects.handed_over", ""): (((taught == "幼儿园") & (state == "移交")).sum(), len(live)),
        ("projects.new_kindergartens", ""): (
            (infants & kind.isin(["新建", "附设幼儿园"])).sum(),
            len(live),
        ),
        ("projects.public_kindergartens", ""): (
            (infants & public & kind.isin(["新建", "扩建", "附设幼儿园"])).sum(),
            len(live),
        ),
        ("projects.special_schools", ""): (((taught == "特殊教育学校") & busy).sum(), len(live)),
        ("projects.convert", ""): ((kind == "转公").sum(), len(live)),
        ("projects.purchase", ""): ((kind == "购买学位").sum(), len(live)),
        ("projects.cut", ""): ((kind == "撤并").sum(), len(live)),
        ("projects.new_seniors", ""): (
            ((taught == "高级中学") & (kind == "新建") & busy).sum(),
            len(live),
        ),
    }


def of_land(sites):
    titled = sites[sites["已确权"].notna()]
    return {("layout.titled", ""): (yes(titled["已确权"]).sum(), len(titled))}


def of_history(history):
    """Pupils of the last grade per pupil of the first grade of the same cohort, as far back as known."""
    found = {}
    for stage, (first, last) in (("primary", (1, 6)), ("junior", (7, 9))):
        own = history[(history["学段"] == WORDS[stage]) & (history["学年"] <= YEAR)]
        year = own["学年"].max()
        back = min(last - first, year - own["学年"].min())
        now = own[(own["学年"] == year) & (own["年级"] == last)]["在校生数"].sum()
        then = own[(own["学年"] == year - back) & (own["年级"] == last - back)]["在校生数"].sum()
        found["demand.progression", stage] = (now, then)
    return found
