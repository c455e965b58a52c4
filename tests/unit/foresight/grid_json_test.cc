// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "foresight/grid_text.h"
#include "grid_testing.h"

namespace rhumb::foresight {
namespace {

using testing::grid_of;

TEST(GridJson, TellsTotalsChangesAndEachCell) {
  const Grid before = grid_of("routes: [{name: all, regions: [eu]}]\n", {.degrees = 90});
  const Grid after = grid_of("routes: [{name: all, regions: [us]}]\n", {.degrees = 90});
  const std::string json = grid_json(after, &before);
  EXPECT_TRUE(json.starts_with(
      "{\"route\":\"all\",\"strategy\":\"score\",\"drawn\":false,\"degrees\":90,\"regions\":["
      "{\"region\":\"eu\",\"cells\":0,\"weight\":0.000000},{\"region\":\"us\",\"cells\":8,\"weight\":1.000000},"
      "{\"region\":\"ap\",\"cells\":0,\"weight\":0.000000}],"
      "\"changes\":[{\"from\":\"eu\",\"to\":\"us\",\"cells\":8,\"weight\":1.000000}],\n"
      "\"columns\":[\"winner\",\"runner_up\",\"margin\",\"reason\",\"country\",\"weight\"],\n\"rows\":["
      "\n{\"latitude\":45,\"cells\":[[\"us\",null,0.0000,\"only_candidate\","))
      << json.substr(0, 700);
  EXPECT_TRUE(json.ends_with("]]}]}\n"));
}

TEST(GridJson, WhatThereIsNotIsNull) {
  const std::string json = grid_json(
      grid_of("fence: [{countries: [DE], regions: [eu]}]\nroutes: [{name: all}]\n", {.degrees = 0, .down = "eu"}),
      nullptr);
  EXPECT_NE(json.find("\"degrees\":null"), std::string::npos);
  EXPECT_NE(json.find("\"changes\":null"), std::string::npos);
  EXPECT_NE(json.find("{\"region\":null,\"cells\":1,"), std::string::npos) << json.substr(0, 500);
  EXPECT_NE(json.find("[null,null,0.0000,\"no_healthy_region\",\"DE\","), std::string::npos);
}

}  // namespace
}  // namespace rhumb::foresight
