// SPDX-License-Identifier: Apache-2.0
// Result<T, E>: a value or an error. The subset of std::expected (C++23) that g++ 12 lacks, with the same names,
// so an alias can replace it one day. Not thread-safe; reading the wrong side asserts.
#pragma once
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace rhumb::base {

/// Wraps an error on its way into a Result: `return Unexpected(fault);`
template <class E>
class Unexpected {
 public:
  explicit Unexpected(E error) : error_(std::move(error)) {}
  const E& error() const& noexcept { return error_; }
  E&& error() && noexcept { return std::move(error_); }

 private:
  E error_;
};

template <class T, class E>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  template <class G>
  Result(Unexpected<G> error) : state_(std::in_place_index<1>, std::move(error).error()) {}  // NOLINT

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return checked(); }
  const T& value() const& noexcept { return const_cast<Result*>(this)->checked(); }
  T&& value() && noexcept { return std::move(checked()); }
  T& operator*() & noexcept { return checked(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(checked()); }
  T* operator->() noexcept { return &checked(); }
  const T* operator->() const noexcept { return &value(); }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }

  const E& error() const& noexcept {
    const E* e = std::get_if<1>(&state_);
    RHUMB_ASSERT(e != nullptr);
    return *e;
  }
  E&& error() && noexcept { return std::move(const_cast<E&>(std::as_const(*this).error())); }

 private:
  T& checked() noexcept {
    T* v = std::get_if<0>(&state_);
    RHUMB_ASSERT(v != nullptr);
    return *v;
  }
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() = default;
  template <class G>
  Result(Unexpected<G> error) : state_(std::in_place_index<1>, std::move(error).error()) {}  // NOLINT

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  const E& error() const& noexcept {
    const E* e = std::get_if<1>(&state_);
    RHUMB_ASSERT(e != nullptr);
    return *e;
  }

 private:
  std::variant<std::monostate, E> state_;
};

}  // namespace rhumb::base
