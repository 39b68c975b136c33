// The most pupils that can be placed: a maximum flow from groups of homes to schools (Dinic). Whole numbers
// only.
export const mostPlaced = (demand, reach, seats) => {
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
  return placed;
};
