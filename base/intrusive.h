// SPDX-License-Identifier: Apache-2.0
// Doubly linked list whose hooks live in the objects: O(1) unlink, no allocation. The list owns nothing.
#pragma once
#include "base/check.h"

namespace rhumb::base {

/// Derive once per list an object can be in, told apart by Tag. Unlinks itself on destruction.
template <class Tag = void>
class ListHook {
 public:
  ListHook() = default;
  ~ListHook() { unlink(); }
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  bool linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (next_ == nullptr) return;
    next_->prev_ = prev_;
    prev_->next_ = next_;
    next_ = prev_ = nullptr;
  }

 private:
  template <class, class>
  friend class List;
  ListHook* next_ = nullptr;
  ListHook* prev_ = nullptr;
};

template <class T, class Tag = void>
class List {
 public:
  using Hook = ListHook<Tag>;
  List() { root_.next_ = root_.prev_ = &root_; }
  ~List() {
    while (!empty()) front().Hook::unlink();
    root_.next_ = root_.prev_ = nullptr;
  }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const noexcept { return root_.next_ == &root_; }
  T& front() noexcept {
    RHUMB_ASSERT(!empty());
    return *static_cast<T*>(root_.next_);
  }
  T& back() noexcept {
    RHUMB_ASSERT(!empty());
    return *static_cast<T*>(root_.prev_);
  }
  void push_back(T& object) noexcept { insert_before(&root_, object); }
  void push_front(T& object) noexcept { insert_before(root_.next_, object); }
  T& pop_front() noexcept {
    T& object = front();
    object.Hook::unlink();
    return object;
  }

  /// Visits each object; the visited one may unlink or destroy itself, but not the one behind it.
  template <class F>
  void for_each(F&& f) {
    for (Hook* at = root_.next_; at != &root_;) {
      Hook* next = at->next_;
      f(*static_cast<T*>(at));
      at = next;
    }
  }

 private:
  void insert_before(Hook* place, T& object) noexcept {
    Hook* hook = &object;
    RHUMB_ASSERT(!hook->linked());
    hook->next_ = place, hook->prev_ = place->prev_;
    place->prev_->next_ = hook, place->prev_ = hook;
  }
  Hook root_;
};

}  // namespace rhumb::base
