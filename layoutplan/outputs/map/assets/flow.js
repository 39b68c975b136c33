// The most pupils that can be placed: a maximum flow from groups of homes to schools (Dinic). Whole numbers
// only.
export const mostPlaced = (demand, reach, seats) => placement(demand, reach, seats).placed;
// The most pupils placed, and the smallest set of groups that seats are short for (a minimum cut).
const placement = (demand, reach, seats) => {
  const groups = demand.length;
  const schools = seats.length;
  const sink = groups + schools + 1;
  const nodes = sink + 1;
  const heads = new Int32Array(nodes).fill(-1);
  const to = [];
  const next = [];
  const room = [];
  const join = (a, b, capacity) => {
    to.push(b, a);
    room.push(capacity, 0);
    next.push(heads[a], heads[b]);
    heads[a] = to.length - 2;
    heads[b] = to.length - 1;
  };
  demand.forEach((pupils, group) => {
    if (!(pupils > 0)) {
      return;
    }
    join(0, 1 + group, pupils);
    reach[group].forEach((school) => {
      if (seats[school] > 0) {
        join(1 + group, 1 + groups + school, pupils);
      }
    });
  });
  seats.forEach((capacity, school) => {
    if (capacity > 0) {
      join(1 + groups + school, sink, capacity);
    }
  });
  const level = new Int32Array(nodes);
  const edge = new Int32Array(nodes);
  const queue = new Int32Array(nodes);
  const layered = () => {
    level.fill(-1);
    level[0] = 0;
    queue[0] = 0;
    for (let first = 0, last = 1; first < last; first += 1) {
      for (let e = heads[queue[first]]; e >= 0; e = next[e]) {
        if (room[e] > 0 && level[to[e]] < 0) {
          level[to[e]] = level[queue[first]] + 1;
          queue[last] = to[e];
          last += 1;
        }
      }
    }
    return level[sink] >= 0;
  };
  const push = (node, most) => {
    if (node === sink) {
      return most;
    }
    let sent = 0;
    for (; edge[node] >= 0; edge[node] = next[edge[node]]) {
      const e = edge[node];
      if (room[e] > 0 && level[to[e]] === level[node] + 1) {
        const part = push(to[e], Math.min(most - sent, room[e]));
        room[e] -= part;
        room[e ^ 1] += part;
        sent += part;
        if (sent === most) {
          return sent;
        }
      }
    }
    return sent;
  };
  let placed = 0;
  while (layered()) {
    edge.set(heads);
    placed += push(0, Infinity);
  }
  return { placed, short: demand.map((pupils, group) => pupils > 0 && level[1 + group] >= 0) };
};

// Seats of shared schools by catchment, as layoutplan/balance/division.py divides them: the catchments with
// fewest seats per pupil share these schools in proportion to their demand; then the rest. reach holds the
// schools of each catchment.
const PARTS = 1e6;
const sumOf = (values, chosen) => values.reduce((sum, one, at) => sum + (chosen[at] ? one : 0), 0);
export const divideSeats = (demand, reach, seats) => {
  const found = demand.map(() => 0);
  const left = demand.map((pupils) => pupils > 0);
  const free = seats.map(() => true);
  const open = (zone) => (left[zone] ? reach[zone].filter((school) => free[school]) : []);
  while (demand.some((_, zone) => open(zone).length)) {
    const { tight, level } = tightest(
      demand,
      demand.map((_, zone) => open(zone)),
      seats,
    );
    tight.forEach((is, zone) => {
      if (is) {
        found[zone] = level * demand[zone];
        for (const school of open(zone)) {
          free[school] = false;
        }
      }
    });
    tight.forEach((is, zone) => {
      left[zone] &&= !is;
    });
  }
  seats.forEach((count, school) => {
    const of = reach.flatMap((schools, zone) => (schools.includes(school) ? [zone] : []));
    if (free[school]) {
      for (const zone of of) {
        found[zone] += count / of.length;
      }
    }
  });
  return found;
};
const tightest = (demand, reach, seats) => {
  const reached = (zones) =>
    seats.map((_, school) => zones.some((is, zone) => is && reach[zone].includes(school)));
  let tight = reach.map((schools) => schools.length > 0);
  let level = sumOf(seats, reached(tight)) / sumOf(demand, tight);
  while (level > 0) {
    const { short } = placement(
      demand.map((pupils, zone) => (reach[zone].length ? Math.round(level * pupils * PARTS) : 0)),
      reach,
      seats.map((count) => Math.round(count * PARTS)),
    );
    if (!short.some(Boolean)) {
      break;
    }
    const ratio = sumOf(seats, reached(short)) / sumOf(demand, short);
    if (ratio >= level * (1 - 1e-7)) {
      break;
    }
    tight = short;
    level = ratio;
  }
  return { tight, level };
};
