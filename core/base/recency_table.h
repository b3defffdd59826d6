// SPDX-License-Identifier: Apache-2.0
#ifndef WIREPAS_GRPC_CORE_BASE_RECENCY_TABLE_H_
#define WIREPAS_GRPC_CORE_BASE_RECENCY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"

namespace wirepas_grpc::core {

// Entries in two orders: that of their keys, and that of their last changes, the one
// changed longest ago first:
//
//   keys     1  2  3  4  5
//   changes  4  1  5 | 3  2        | a place
//
// Whoever follows the changes has a place in the second order, and moves it on over
// what changed since. An entry that changes goes to the end, beyond all places, once
// however often it changes. So a follower needs no queue, and one that is slow gets
// the changes of an entry merged.
//
// Not thread-safe. `T` is default-constructible.
template <typename T>
class RecencyTable {
  struct Link {
    Link* previous = nullptr;
    Link* next = nullptr;
    uint64_t key = kNoKey;  // of an entry; kNoKey: a place
  };

 public:
  using Key = uint64_t;  // but for kNoKey
  static constexpr Key kNoKey = std::numeric_limits<Key>::max();

  // A place in the order of changes. Taken out of the table before it is destroyed.
  class Place {
   public:
    Place() = default;
    ~Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    friend class RecencyTable;
    Link link_;
  };

  class Entry : private Link {
   public:
    Key key() const { return Link::key; }
    T value{};

   private:
    friend class RecencyTable;
  };

  RecencyTable() { ends_.previous = ends_.next = &ends_; }
  RecencyTable(const RecencyTable&) = delete;
  RecencyTable& operator=(const RecencyTable&) = delete;

  size_t size() const { return entries_.size(); }

  // Null: there is none.
  const Entry* Find(Key key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second.get();
  }
  Entry* Find(Key key) {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second.get();
  }

  // Puts an entry at the end of the order of changes.
  void Touch(Entry* entry) {
    Unlink(entry);
    LinkBefore(&ends_, entry);
  }

  // Adds one, as the last changed. There is none of that key.
  Entry* Add(Key key) {
    auto added = std::make_unique<Entry>();
    Entry* const entry = added.get();
    static_cast<Link*>(entry)->key = key;
    LinkBefore(&ends_, entry);
    entries_.emplace(key, std::move(added));
    return entry;
  }

  // Takes out the entry that was changed longest ago. Null: there is none.
  std::unique_ptr<Entry> TakeOldest() {
    Link* oldest = ends_.next;
    while (oldest != &ends_ && oldest->key == kNoKey) oldest = oldest->next;
    if (oldest == &ends_) return nullptr;
    const auto found = entries_.find(oldest->key);
    std::unique_ptr<Entry> entry = std::move(found->second);
    entries_.erase(found);
    Unlink(entry.get());
    return entry;
  }

  // Visits entries by ascending key from `from` on. `visit` (std::optional<Key>(const
  // Entry&)) returns the least key to go on with; nothing ends the visit.
  template <typename Visitor>
  void VisitByKey(Key from, Visitor&& visit) const {
    auto entry = entries_.lower_bound(from);
    while (entry != entries_.end()) {
      const std::optional<Key> next = visit(*entry->second);
      if (!next.has_value()) return;
      if (*next == entry->first + 1) {
        ++entry;
      } else {
        entry = entries_.lower_bound(*next);
      }
    }
  }

  // ---- places ----
  void PutAtBegin(Place* place) { Put(ends_.next, place); }
  void PutAtEnd(Place* place) { Put(&ends_, place); }
  void Remove(Place* place) {
    if (place->link_.next != nullptr) Unlink(&place->link_);
  }

  // Whether there are changes behind the place.
  bool HasNext(const Place& place) const {
    const Link* next = place.link_.next;
    while (next != &ends_ && next->key == kNoKey) next = next->next;
    return next != &ends_;
  }

  // Moves the place over the next changed entry, which is returned. Null: there is
  // none, or `limit`, if given, comes before it.
  Entry* Next(Place* place, const Place* limit = nullptr) {
    Link* next = place->link_.next;
    while (next != &ends_ && next->key == kNoKey) {
      if (limit != nullptr && next == &limit->link_) return nullptr;
      next = next->next;
    }
    if (next == &ends_) return nullptr;
    Put(next->next, place);
    return static_cast<Entry*>(next);
  }

 private:
  static void Unlink(Link* link) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link->previous = link->next = nullptr;
  }
  static void LinkBefore(Link* next, Link* link) {
    link->next = next;
    link->previous = next->previous;
    link->previous->next = link;
    next->previous = link;
  }
  void Put(Link* before, Place* place) {
    if (before == &place->link_) return;  // it is there
    Remove(place);
    LinkBefore(before, &place->link_);
  }

  Link ends_;  // a ring: the first is behind it, the last before it
  absl::btree_map<Key, std::unique_ptr<Entry>> entries_;
};

}  // namespace wirepas_grpc::core

#endif  // WIREPAS_GRPC_CORE_BASE_RECENCY_TABLE_H_
