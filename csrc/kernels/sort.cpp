// Sorting by unsigned keys that have the order of the values: short lines by comparison, long ones digit by digit (least significant
// first), which is stable and skips digits that all keys share.
#include "kernels/sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 512;       // elements
constexpr int64_t kRadixFrom = 192;  // elements; below, the digit counters cost more than comparing

template <class T> using KeyOf = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

template <class T>
KeyOf<T> key_of(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
    return key_of(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    using Key = KeyOf<T>;
    constexpr Key kSign = Key{1} << (8 * sizeof(Key) - 1);
    if (value != value) return std::numeric_limits<Key>::max();
    const Key bits = std::bit_cast<Key>(value + T(0));  // -0 + 0 is 0
    return bits & kSign ? ~bits : bits | kSign;
  } else if constexpr (sizeof(T) == 8) {
    return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63);
  } else {
    return static_cast<uint32_t>(static_cast<int32_t>(value)) ^ (uint32_t{1} << 31);
  }
}

template <class Key>
struct Entry {
  Key key;
  uint32_t index;
  bool operator<(const Entry& o) const { return key < o.key || (key == o.key && index < o.index); }
};

// Note [Equal elements]
// Which of several equal elements topk, kthvalue and mode name, and in which order, is whatever PyTorch's algorithms happen to leave: the
// standard library's partial_sort, nth_element and sort by the values alone, and a quickselect by the median of three. Programs print
// those places, so the same algorithms run here, on keys.
constexpr auto kByKey = [](const auto& a, const auto& b) { return a.key < b.key; };

// Replaces the greatest entry of a heap as partial_sort does: the hole sinks to a leaf, past the greater child, and the entry rises from there.
template <class Key>
void replace_top(std::vector<Entry<Key>>& heap, Entry<Key> e) {
  const size_t n = heap.size();
  size_t hole = 0;
  for (size_t child = 2; child <= n; child = 2 * hole + 2) {
    if (child == n || heap[child].key < heap[child - 1].key) --child;
    heap[hole] = heap[child];
    hole = child;
  }
  for (; hole > 0 && heap[(hole - 1) / 2].key < e.key; hole = (hole - 1) / 2) heap[hole] = heap[(hole - 1) / 2];
  heap[hole] = e;
}

// Brings the entry to place k that a sorted line has there, others around it: quickselect, the median of three as the pivot.
template <class Key>
void select(std::vector<Entry<Key>>& line, int64_t k) {
  const auto at = [&](int64_t i) -> Entry<Key>& { return line[static_cast<size_t>(i)]; };
  const auto in_order = [&](int64_t a, int64_t b) { if (at(b).key < at(a).key) std::swap(at(a), at(b)); };
  int64_t left = 0, right = static_cast<int64_t>(line.size()) - 1;
  while (right > left + 1) {
    std::swap(at(left + (right - left) / 2), at(left + 1));
    in_order(left + 1, right);
    in_order(left, right);
    in_order(left + 1, left);
    const Key pivot = at(left).key;
    int64_t i = left + 1, j = right;
    for (;;) {
      while (at(++i).key < pivot) {}
      while (pivot < at(--j).key) {}
      if (j < i) break;
      std::swap(at(i), at(j));
    }
    std::swap(at(left), at(j));
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
  if (right == left + 1) in_order(left, right);
}

template <class Key>
void radix_sort(std::vector<Entry<Key>>& entries, std::vector<Entry<Key>>& spare) {
  constexpr int kDigits = sizeof(Key);
  std::array<std::array<uint32_t, 256>, kDigits> counts{};
  for (const auto& e : entries) {
    for (int d = 0; d < kDigits; ++d) ++counts[static_cast<size_t>(d)][e.key >> (8 * d) & 255];
  }
  spare.resize(entries.size());
  for (int d = 0; d < kDigits; ++d) {
    auto& count = counts[static_cast<size_t>(d)];
    if (count[entries[0].key >> (8 * d) & 255] == entries.size()) continue;
    uint32_t at = 0;
    for (uint32_t& c : count) c = std::exchange(at, at + c);
    for (const auto& e : entries) spare[count[e.key >> (8 * d) & 255]++] = e;
    entries.swap(spare);
  }
}

template <class Key>
void order(std::vector<Entry<Key>>& entries, std::vector<Entry<Key>>& spare) {
  if (static_cast<int64_t>(entries.size()) < kRadixFrom) std::sort(entries.begin(), entries.end());
  else radix_sort(entries, spare);
}

// Keys are inverted when `descending`.
template <class T>
Entry<KeyOf<T>> entry_of(const T* line, int64_t i, bool descending) {
  const KeyOf<T> key = key_of(line[i]);
  return {descending ? static_cast<KeyOf<T>>(~key) : key, static_cast<uint32_t>(i)};
}

// f(line of x, entries, spare room, number of the line) for every line; `list` fills the entries from the line.
template <class T, class List, class F>
void each_line(const Tensor& x, int64_t n, List list, F f) {
  if (n > std::numeric_limits<uint32_t>::max()) runtime_error("sorting: a line of ", n, " elements is too long");
  const int64_t lines = n > 0 ? x.numel() / n : 0;
  parallel_items(lines, n, kGrain, [&](int64_t begin, int64_t end) {
    std::vector<Entry<KeyOf<T>>> entries, spare;
    for (int64_t l = begin; l < end; ++l) {
      const T* p = x.data<T>() + l * n;
      list(p, entries);
      f(p, entries, spare, l);
    }
  });
}
template <class T, class F>
void each_line(const Tensor& x, int64_t n, bool descending, F f) {
  each_line<T>(x, n, [=](const T* line, auto& entries) {
    entries.resize(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) entries[static_cast<size_t>(i)] = entry_of(line, i, descending);
  }, f);
}

// The first k entries of a line in order, where k is small beside n: most blocks of elements have none that belongs among them.
// See Note [Equal elements].
template <class T>
void list_first(const T* line, int64_t n, int64_t k, bool descending, std::vector<Entry<KeyOf<T>>>& best) {
  constexpr int64_t kBlock = 16;
  best.clear();
  for (int64_t i = 0; i < k; ++i) best.push_back(entry_of(line, i, descending));
  std::make_heap(best.begin(), best.end(), kByKey);  // the last of the k in front
  for (int64_t first = k; first < n; first += kBlock) {
    const int64_t end = std::min(n, first + kBlock);
    if constexpr (std::is_arithmetic_v<T>) {
      if (end - first == kBlock) {
        const T *block = line + first, bound = line[best.front().index];
        KeyOf<T> some = 0;  // NaN among them; of the elements' width, so that lanes stay lanes
        if (descending) for (int64_t i = 0; i < kBlock; ++i) some |= block[i] <= bound ? 0 : 1;
        else for (int64_t i = 0; i < kBlock; ++i) some |= block[i] >= bound ? 0 : 1;
        if (!some) continue;
      }
    }
    for (int64_t i = first; i < end; ++i) {
      const auto e = entry_of(line, i, descending);
      if (e.key < best.front().key) replace_top(best, e);
    }
  }
  std::sort_heap(best.begin(), best.end(), kByKey);
}

template <class T, class Entries>
void write(const T* line, const Entries& entries, int64_t count, T* values, int64_t* indices) {
  for (int64_t i = 0; i < count; ++i) {
    const auto from = entries[static_cast<size_t>(i)].index;
    values[i] = line[from];
    indices[i] = from;
  }
}

}  // namespace

void sort_lines(const Tensor& x, int64_t n, bool descending, const Tensor& values, const Tensor& indices) {
  visit_real(x.dtype(), [&]<class T>() {
    each_line<T>(x, n, descending, [&](const T* line, auto& entries, auto& spare, int64_t l) {
      order(entries, spare);
      write(line, entries, n, values.data<T>() + l * n, indices.data<int64_t>() + l * n);
    });
  });
}

void top_lines(const Tensor& x, int64_t n, int64_t k, bool largest, bool sorted, const Tensor& values, const Tensor& indices) {
  if (k == 0) return;
  visit_real(x.dtype(), [&]<class T>() {
    const auto out = [&](const T* line, const auto& entries, int64_t l) { write(line, entries, k, values.data<T>() + l * k, indices.data<int64_t>() + l * k); };
    if (k * 64 <= n) {
      return each_line<T>(x, n, [=](const T* line, auto& entries) { list_first(line, n, k, largest, entries); },
                          [&](const T* line, auto& entries, auto&, int64_t l) { out(line, entries, l); });
    }
    each_line<T>(x, n, largest, [&](const T* line, auto& entries, auto&, int64_t l) {
      const auto last = entries.begin() + (k - 1);
      std::nth_element(entries.begin(), last, entries.end(), kByKey);
      if (sorted) std::sort(entries.begin(), last, kByKey);
      out(line, entries, l);
    });
  });
}

void kth_lines(const Tensor& x, int64_t n, int64_t k, const Tensor& values, const Tensor& indices) {
  visit_real(x.dtype(), [&]<class T>() {
    each_line<T>(x, n, false, [&](const T* line, auto& entries, auto&, int64_t l) {
      select(entries, k - 1);  // see Note [Equal elements]
      const auto from = entries[static_cast<size_t>(k - 1)].index;
      values.data<T>()[l] = line[from];
      indices.data<int64_t>()[l] = from;
    });
  });
}

void mode_lines(const Tensor& x, int64_t n, const Tensor& values, const Tensor& indices) {
  visit_real(x.dtype(), [&]<class T>() {
    each_line<T>(x, n, false, [&](const T* line, auto& entries, auto&, int64_t l) {
      std::sort(entries.begin(), entries.end(), kByKey);  // see Note [Equal elements]
      size_t best = 0, best_count = 0;
      for (size_t begin = 0; begin < entries.size();) {
        size_t end = begin + 1;
        const T value = line[entries[begin].index];
        while (end < entries.size() && line[entries[end].index] == value) ++end;  // no NaN equals another
        if (end - begin > best_count) {
          best_count = end - begin;
          best = end - 1;
        }
        begin = end;
      }
      const auto from = entries[best].index;
      values.data<T>()[l] = line[from];
      indices.data<int64_t>()[l] = from;
    });
  });
}

}  // namespace st
