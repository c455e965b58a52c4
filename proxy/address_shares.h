// SPDX-License-Identifier: Apache-2.0
// The shares of a worker's time (net/run_queue.h) that its clients have: one for each address, IPv6 by /64. Holds an
// entry only for addresses that are connected. Worker's thread.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "base/address_counts.h"
#include "net/loop.h"

namespace rhumb::proxy {

class AddressShares {
  struct Entry final : net::Buried {
    explicit Entry(uint64_t k) noexcept : key(k) {}
    net::Share share;
    uint64_t key;
    uint32_t users = 1;
    bool listed = true;
  };

 public:
  /// The shares die at the end of a turn of `loop`, so that the run queue may still look at one whose last user left.
  explicit AddressShares(net::Loop& loop);

  /// One user of a share, until it is destroyed. Must not outlive the table.
  class Ref {
   public:
    ~Ref() {
      if (entry_ != nullptr) of_->leave(*entry_);
    }
    Ref(Ref&& other) noexcept : of_(other.of_), entry_(std::exchange(other.entry_, nullptr)) {}
    Ref& operator=(Ref&&) = delete;
    net::Share* share() const noexcept { return &entry_->share; }

   private:
    friend class AddressShares;
    Ref(AddressShares& of, Entry& entry) noexcept : of_(&of), entry_(&entry) {}
    AddressShares* of_;
    Entry* entry_;
  };

  Ref of(const base::IpAddress& client);
  /// One of its own, for a connection that speaks for many clients: a balancer in front.
  Ref apart();
  size_t addresses() const noexcept { return entries_.size(); }

 private:
  void leave(Entry& entry) noexcept;

  net::Loop& loop_;
  std::unordered_map<uint64_t, Entry*, base::AddressCounts::Hash> entries_;
};

}  // namespace rhumb::proxy
