// SPDX-License-Identifier: Apache-2.0
// A recording, read: the decisions of one ring file, and the policies, states and targets they refer to. Trusts nothing
// in it. Works on a file that is being written, too: what is half written is skipped and counted. Blocks on the disk;
// command line and the thread that reads files for a reload.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "decision/policies.h"
#include "foresight/record.h"
#include "foresight/ring_file.h"

namespace rhumb::foresight {

struct SlotCounts {
  uint64_t decisions = 0, states = 0, targets = 0, torn = 0;
};

struct KnownTarget {
  std::string method, host, path;
  bool cut = false;  // the path goes on
};

class Recording {
 public:
  /// A ring file; policies lie in its directory. The error names it and says why it cannot be read.
  static base::Result<std::unique_ptr<Recording>, std::string> open(const std::string& path);
  ~Recording();

  /// Of what there was when it was opened.
  const SlotCounts& counts() const noexcept { return counts_; }
  const std::string& path() const noexcept { return path_; }
  /// Time of the youngest decision then.
  base::WallTime newest() const noexcept { return newest_; }

  /// All whole decisions, each lane from its beginning in the file on, with their times.
  using Take = std::function<void(const DecisionRecord&, base::WallTime)>;
  void for_each(const Take& take);

  /// Null: gone, or not to be read; why_not() says which. All valid while the recording lives.
  const decision::Policies* policies(uint64_t id);
  /// Of the last policies() that gave none.
  const std::string& why_not() const noexcept { return why_not_; }
  const decision::RegionStates* states(uint64_t id) const;
  const KnownTarget* target(uint64_t id) const;

 private:
  struct States {
    decision::RegionStates all;
    uint64_t parts = 0;  // a bit each that has been seen
    bool whole = false;
  };
  Recording(std::string path, int fd, const FileHead& head) : path_(std::move(path)), fd_(fd), head_(head) {}
  template <class F>
  void scan(F&& take);
  void learn(const std::byte* slot, SlotCounts& counts);
  void learn_states(const StatesRecord& part);
  void learn_target(const TargetRecord& target);

  std::string path_;
  int fd_;
  FileHead head_;
  SlotCounts counts_;
  base::WallTime newest_{};
  std::unordered_map<uint64_t, States> states_;
  std::unordered_map<uint64_t, KnownTarget> targets_;
  std::map<uint64_t, std::unique_ptr<const decision::Policies>> policies_;  // null: looked for in vain
  std::string why_not_;
};

struct Recordings {
  std::vector<std::unique_ptr<Recording>> all;  // the older one first
  std::vector<std::string> passed_over;  // older ones that cannot be read, of another version say: a sentence each
};
/// Those of a ring file or of a recorder's directory; none at all is no error. The error says why the file, or the
/// directory's present ring, cannot be read.
base::Result<Recordings, std::string> open_recordings(const std::string& path);

}  // namespace rhumb::foresight
