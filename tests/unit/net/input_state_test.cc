// SPDX-License-Identifier: Apache-2.0
#include "net/input_state.h"

#include <gtest/gtest.h>

namespace rhumb::net {
namespace {

using enum Input;

constexpr Input kAll[] = {quiet, drained, ready, closing, held, over, closed};

TEST(InputState, AnnouncedDataMakesItReadable) {
  for (const Input state : {quiet, drained, ready}) EXPECT_EQ(next(state, InputEvent::data), ready);
  EXPECT_EQ(next(closing, InputEvent::data), closing) << "the end is still to come";
  EXPECT_EQ(next(over, InputEvent::data), closing) << "a reset behind the end is heard";
  EXPECT_EQ(next(held, InputEvent::data), held);
}

TEST(InputState, WhoHungUpIsReadToTheEnd) {
  for (const Input state : {quiet, drained, ready, closing, over}) {
    EXPECT_EQ(next(state, InputEvent::hang_up), closing);
    EXPECT_TRUE(readable(next(state, InputEvent::hang_up)));
  }
  EXPECT_EQ(next(held, InputEvent::hang_up), held);
  EXPECT_EQ(next(closing, InputEvent::full), closing);
  EXPECT_EQ(next(closing, InputEvent::partial), closing) << "however short a read was";
}

TEST(InputState, AReadTellsWhatIsLeft) {
  for (const Input state : {quiet, drained, ready}) {
    EXPECT_EQ(next(state, InputEvent::full), ready) << "there may be more";
    EXPECT_EQ(next(state, InputEvent::partial), drained);
    EXPECT_EQ(next(state, InputEvent::nothing), quiet);
    EXPECT_EQ(next(state, InputEvent::end), over);
  }
  EXPECT_EQ(next(closing, InputEvent::end), over);
  EXPECT_EQ(next(closing, InputEvent::nothing), over);
  EXPECT_EQ(next(over, InputEvent::end), over);
  EXPECT_EQ(next(over, InputEvent::nothing), over);
}

TEST(InputState, AfterAnEndNothingMakesItFitForAnotherRequest) {
  for (const Input state : {closing, over, closed})
    for (size_t event = 0; event < kInputEvents; ++event) {
      const Input after = next(state, static_cast<InputEvent>(event));
      EXPECT_TRUE(after == closing || after == over || after == closed) << event;
      EXPECT_FALSE(reusable(after));
    }
}

TEST(InputState, HeldIsLeftByReleaseAlone) {
  for (const Input state : {quiet, drained, ready, held}) EXPECT_EQ(next(state, InputEvent::hold), held);
  EXPECT_EQ(next(closing, InputEvent::hold), closing) << "it would be forgotten that he hung up";
  EXPECT_EQ(next(over, InputEvent::hold), over);
  EXPECT_EQ(next(held, InputEvent::release), ready) << "nobody was told what came meanwhile";
  for (const InputEvent event : {InputEvent::full, InputEvent::partial, InputEvent::nothing, InputEvent::end})
    EXPECT_EQ(next(held, event), held);
  EXPECT_TRUE(readable(held)) << "who looks only when there may be something must look here";
  EXPECT_FALSE(hears(held));
  EXPECT_FALSE(reusable(held));
}

TEST(InputState, ReleaseChangesNothingForWhoIsNotHeld) {
  for (const Input state : {quiet, drained, ready, closing, over, closed})
    EXPECT_EQ(next(state, InputEvent::release), state);
}

TEST(InputState, OnlyWhoHearsAndHasReadAllIsReusable) {
  for (const Input state : kAll) {
    EXPECT_EQ(reusable(state), state == quiet || state == drained);
    EXPECT_TRUE(!reusable(state) || (hears(state) && !readable(state)));
    EXPECT_EQ(may_read(state), readable(state) || state == drained);
    EXPECT_EQ(readable(state), state == ready || state == closing || state == held);
    EXPECT_EQ(hears(state), state != held && state != closed);
  }
}

TEST(InputState, ClosedIsForGood) {
  for (const Input state : kAll) EXPECT_EQ(next(state, InputEvent::close), closed);
  for (size_t event = 0; event < kInputEvents; ++event) EXPECT_EQ(next(closed, static_cast<InputEvent>(event)), closed);
}

}  // namespace
}  // namespace rhumb::net
